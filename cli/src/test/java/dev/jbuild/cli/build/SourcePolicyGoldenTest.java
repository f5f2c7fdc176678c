package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.error.BuildException;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.wire.SourcePolicyCodec;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.solver.policy.SourcePolicies;
import dev.jbuild.sourcepolicy.SourcePolicy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Policies in files, from the client's reading to the daemon's answer: {@code testdata/policies}.
 */
class SourcePolicyGoldenTest {
  private static final Path CASES =
      Path.of(System.getProperty("basedir", "."), "..", "testdata", "policies");

  @ParameterizedTest
  @ValueSource(strings = {"pins", "mirrors", "allow-list", "checksums"})
  void eachSourceBecomesWhatTheFileSays(String name) throws Exception {
    Path directory = CASES.resolve(name);
    SourcePolicy read =
        Objects.requireNonNull(SourcePolicyFile.read("policy.json", Map.of(), directory));
    SourcePolicy sent = SourcePolicyCodec.decode(SourcePolicyCodec.encode(read), "the policy");
    var policies = SourcePolicies.of(sent, "the policy");
    var text = new StringBuilder();
    for (String line : Files.readAllLines(directory.resolve("sources"))) {
      text.append(line).append("\n  -> ").append(answer(policies, source(line))).append('\n');
    }
    assertEquals(Files.readString(directory.resolve("expected.txt")), text.toString());
  }

  private static SourceOp source(String line) {
    List<String> words = List.of(line.split(" ", -1));
    var attrs = new TreeMap<String, String>();
    for (String attr : words.subList(1, words.size())) {
      int equals = attr.indexOf('=');
      attrs.put(attr.substring(0, equals), attr.substring(equals + 1));
    }
    return new SourceOp(words.getFirst(), attrs);
  }

  private static String answer(SourcePolicies policies, SourceOp source) {
    SourceOp admitted;
    try {
      admitted = policies.admit(source, Place::request).source();
    } catch (BuildException refused) {
      return refused.code() + " " + refused.message();
    }
    if (admitted.equals(source)) {
      return "the same";
    }
    var text = new StringBuilder(admitted.identifier());
    admitted
        .attrs()
        .forEach((key, value) -> text.append(' ').append(key).append('=').append(value));
    return text.toString();
  }
}
