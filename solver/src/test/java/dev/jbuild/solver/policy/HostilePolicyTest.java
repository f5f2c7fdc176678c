package dev.jbuild.solver.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.sourcepolicy.SourcePolicy;
import dev.jbuild.sourcepolicy.SourcePolicy.Action;
import dev.jbuild.sourcepolicy.SourcePolicy.MatchType;
import dev.jbuild.sourcepolicy.SourcePolicy.Rule;
import dev.jbuild.sourcepolicy.SourcePolicy.Selector;
import dev.jbuild.sourcepolicy.SourcePolicy.Update;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Policies of clients that mean harm: each is answered soon, or refused. */
class HostilePolicyTest {
  private static final String ORIGIN = "the build's source policy";
  private static final Duration SOON = Duration.ofSeconds(20);

  private static Rule rule(Action action, MatchType type, String selector, String update) {
    return new Rule(action, new Selector(selector, type, List.of()), new Update(update, Map.of()));
  }

  private static SourcePolicies policies(List<Rule> rules) {
    return SourcePolicies.of(new SourcePolicy(rules), ORIGIN);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*a){12}$", "(x+x+)+y", "a*a*a*a*a*b"})
  void expressionsThatOtherMachinesTryForEverAreAnsweredSoon(String expression) {
    var policies = policies(List.of(rule(Action.DENY, MatchType.REGEX, expression, "")));
    var source = new SourceOp("http://" + "a".repeat(8000) + "!", Map.of());
    assertTimeoutPreemptively(
        SOON, () -> assertEquals(source, policies.admit(source, Place::request).source()));
  }

  @Test
  void wildcardsThatNearlyMatchAreAnsweredSoon() {
    String selector = "http://" + "*a".repeat(2000) + "*b";
    var policies = policies(List.of(rule(Action.DENY, MatchType.WILDCARD, selector, "")));
    var source = new SourceOp("http://" + "a".repeat(8000), Map.of());
    assertTimeoutPreemptively(
        SOON, () -> assertEquals(source, policies.admit(source, Place::request).source()));
  }

  @Test
  void groupsInGroupsAreBounded() {
    var rule = rule(Action.DENY, MatchType.REGEX, "(".repeat(900) + ")".repeat(900), "");
    assertEquals(
        "the build's source policy, rule 1: the regular expression has more than 50 groups in one"
            + " another",
        assertThrows(BuildException.class, () -> policies(List.of(rule))).message());
  }

  @Test
  void aLongIdentifierIsRefused() {
    var policies = policies(List.of(rule(Action.DENY, MatchType.WILDCARD, "http://*", "")));
    var failure =
        assertThrows(
            BuildException.class,
            () ->
                policies.admit(
                    new SourceOp("https://" + "a".repeat(10_000), Map.of()), Place::request));
    assertEquals(
        "the source's identifier has 10008 characters, with source policies the limit is 8192",
        failure.message());
  }

  /** Random rules of the characters that mean something: an answer or a refusal, nothing else. */
  @Test
  void randomPoliciesAreAnsweredOrRefused() {
    String alphabet = "ab:/*$(){}[]\\|+?.^1,0-Q<>P_\n\u00e9\ud83d\ude00";
    long seed = System.nanoTime();
    var random = new Random(seed);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          for (int i = 0; i < 3000; i++) {
            var rules = new ArrayList<Rule>();
            for (int j = random.nextInt(4); j >= 0; j--) {
              rules.add(
                  rule(
                      List.of(Action.values()).get(random.nextInt(3)),
                      List.of(MatchType.values()).get(random.nextInt(3)),
                      "a" + text(random, alphabet),
                      text(random, alphabet)));
            }
            try {
              policies(rules)
                  .admit(new SourceOp("a://" + text(random, alphabet), Map.of()), Place::request);
            } catch (BuildException refused) {
              boolean known =
                  refused.code() == Code.INVALID || refused.code() == Code.PERMISSION_DENIED;
              assertEquals(true, known, "seed " + seed + ": " + refused.message());
            }
          }
        },
        "seed " + seed);
  }

  private static String text(Random random, String alphabet) {
    var text = new StringBuilder();
    for (int i = random.nextInt(12); i > 0; i--) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }
}
