package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.List;
import java.util.Map;
import moby.buildkit.v1.sourcepolicy.Policy;
import moby.buildkit.v1.sourcepolicy.PolicyAction;
import org.junit.jupiter.api.Test;

class SourcePolicyCodecTest {
  private static final String ORIGIN = "the build's source policy";

  private static String refusal(Policy wire) {
    var failure = assertThrows(BuildException.class, () -> SourcePolicyCodec.decode(wire, ORIGIN));
    assertEquals(Code.INVALID, failure.code());
    return failure.message();
  }

  private static Policy one(moby.buildkit.v1.sourcepolicy.Rule.Builder rule) {
    return Policy.newBuilder().setVersion(1).addRules(rule).build();
  }

  private static moby.buildkit.v1.sourcepolicy.Rule.Builder rule() {
    return moby.buildkit.v1.sourcepolicy.Rule.newBuilder()
        .setSelector(moby.buildkit.v1.sourcepolicy.Selector.newBuilder().setIdentifier("http://*"));
  }

  @Test
  void aPolicyIsReadAsItWasWritten() {
    var policy =
        new SourcePolicy(
            List.of(
                new Rule(
                    Action.DENY,
                    new Selector(
                        "http://*",
                        MatchType.WILDCARD,
                        List.of(
                            new Constraint("a", "b", Condition.EQUAL),
                            new Constraint("c", "d", Condition.NOTEQUAL),
                            new Constraint("e", "f", Condition.MATCHES))),
                    null),
                new Rule(
                    Action.CONVERT,
                    new Selector("x", MatchType.EXACT, List.of()),
                    new Update("y", Map.of("k", "v"))),
                new Rule(Action.ALLOW, new Selector("z", MatchType.REGEX, List.of()), null)));
    assertEquals(policy, SourcePolicyCodec.decode(SourcePolicyCodec.encode(policy), ORIGIN));
  }

  @Test
  void noVersionIsTheFirst() {
    assertEquals(
        new SourcePolicy(List.of()), SourcePolicyCodec.decode(Policy.getDefaultInstance(), ORIGIN));
    assertEquals(
        "the build's source policy: unknown version 2, want 1",
        refusal(Policy.newBuilder().setVersion(2).build()));
  }

  @Test
  void whatIsNotUnderstoodIsNamedWithItsRule() {
    assertEquals(
        "the build's source policy, rule 1: unknown action 7, want ALLOW, DENY or CONVERT",
        refusal(one(rule().setActionValue(7))));
    assertEquals(
        "the build's source policy, rule 1: CONVERT has no updates: say what the source becomes",
        refusal(one(rule().setAction(PolicyAction.CONVERT))));
    assertEquals(
        "the build's source policy, rule 1: it has no selector",
        refusal(one(rule().clearSelector())));
    var rule = rule();
    rule.getSelectorBuilder().setMatchTypeValue(9);
    assertEquals(
        "the build's source policy, rule 1: unknown match type 9, want WILDCARD, EXACT or REGEX",
        refusal(one(rule)));
    var long1 = rule();
    long1.getSelectorBuilder().setIdentifier("a".repeat(8193));
    assertEquals(
        "the build's source policy, rule 1: the selector's identifier has 8193 characters, the"
            + " limit is 8192",
        refusal(one(long1)));
  }
}
