package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.sourcepolicy.SourcePolicy;
import dev.jbuild.sourcepolicy.SourcePolicy.Action;
import dev.jbuild.sourcepolicy.SourcePolicy.Condition;
import dev.jbuild.sourcepolicy.SourcePolicy.Constraint;
import dev.jbuild.sourcepolicy.SourcePolicy.MatchType;
import dev.jbuild.sourcepolicy.SourcePolicy.Rule;
import dev.jbuild.sourcepolicy.SourcePolicy.Selector;
import dev.jbuild.sourcepolicy.SourcePolicy.Update;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourcePolicyFileTest {
  @TempDir Path work;

  private @Nullable SourcePolicy read(String text) throws IOException {
    Files.writeString(work.resolve("policy.json"), text);
    return SourcePolicyFile.read("policy.json", Map.of(), work);
  }

  private String refusal(String text) {
    var failure = assertThrows(BuildException.class, () -> read(text));
    assertEquals(Code.INVALID, failure.code());
    return failure.message();
  }

  @Test
  void aFileIsReadAsGoProgramsReadIt() throws Exception {
    var expected =
        new SourcePolicy(
            List.of(
                new Rule(
                    Action.DENY,
                    new Selector(
                        "http://*",
                        MatchType.WILDCARD,
                        List.of(new Constraint("http.checksum", "", Condition.EQUAL))),
                    null),
                new Rule(
                    Action.CONVERT,
                    new Selector("docker-image://a", MatchType.EXACT, List.of()),
                    new Update("docker-image://b", Map.of("k", "v"))),
                new Rule(
                    Action.ALLOW,
                    new Selector(
                        "x", MatchType.REGEX, List.of(new Constraint("a", "b", Condition.MATCHES))),
                    null)));
    assertEquals(
        expected,
        read(
            """
            {"version": 1, "rules": [
              {"action": "DENY",
               "selector": {"identifier": "http://*",
                            "constraints": [{"key": "http.checksum", "value": ""}]}},
              {"Action": 2, "selector": {"identifier": "docker-image://a", "match_type": "EXACT"},
               "updates": {"identifier": "docker-image://b", "attrs": {"k": "v"}}},
              {"selector": {"identifier": "x", "matchType": "REGEX", "constraints":
                [{"key": "a", "value": "b", "condition": "MATCHES"}]}, "updates": null}
            ]}
            """));
  }

  @Test
  void aFileWithoutVersionIsOfTheFirst() throws Exception {
    assertEquals(new SourcePolicy(List.of()), read("{\"rules\":[]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"version":2} | source policy 'policy.json': version: want 1
          [] | source policy 'policy.json': the file: want an object: {...}
          {"sources":[]} | source policy 'policy.json': the file: unknown key 'sources'; known are version, rules
          {"rules":{}} | source policy 'policy.json': rules: want a list: [...]
          {"rules":[{"action":"DENIED","selector":{"identifier":"x"}}]} | source policy 'policy.json': rule 1.action: unknown 'DENIED', want one of [ALLOW, DENY, CONVERT]
          {"rules":[{"action":"DENY"}]} | source policy 'policy.json': rule 1: it has no selector
          {"rules":[{"selector":{}}]} | source policy 'policy.json': rule 1: the selector has no identifier
          {"rules":[{"selector":{"identifier":"x"}},{"action":"CONVERT","selector":{"identifier":"x"}}]} | source policy 'policy.json': rule 2: CONVERT has no updates: say what the source becomes
          {"rules":[{"selector":{"identifer":"x"}}]} | source policy 'policy.json': rule 1, selector: unknown key 'identifer', did you mean 'identifier'?; known are identifier, match_type, constraints
          {"rules":[{"selector":{"identifier":7}}]} | source policy 'policy.json': rule 1, selector.identifier: want a text in quotes
          {"rules":[{"selector":{"identifier":"x","constraints":[{"condition":9}]}}]} | source policy 'policy.json': rule 1, selector.constraints[0].condition: unknown value, want one of [EQUAL, NOTEQUAL, MATCHES]
          """)
  void whatIsWrongIsNamedWithItsField(String text, String message) {
    assertEquals(message, refusal(text));
  }

  @Test
  void brokenJsonIsNamedWithItsLine() {
    assertEquals(
        "source policy 'policy.json' is not valid JSON at line 2, column 3",
        refusal("{\"rules\":\n [x]}").replaceFirst(": .*", ""));
  }

  @Test
  void theEnvironmentNamesAFileUnlessTheFlagDoes() throws Exception {
    Files.writeString(work.resolve("flag.json"), "{}");
    var env = Map.of("EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", "env.json");
    assertEquals(new SourcePolicy(List.of()), SourcePolicyFile.read("flag.json", env, work));
    var failure = assertThrows(BuildException.class, () -> SourcePolicyFile.read(null, env, work));
    assertEquals(
        "source policy 'env.json' (of $EXPERIMENTAL_BUILDKIT_SOURCE_POLICY): no such file",
        failure.message());
    assertEquals(Code.NOT_FOUND, failure.code());
    assertNull(SourcePolicyFile.read(null, Map.of(), work));
  }
}
