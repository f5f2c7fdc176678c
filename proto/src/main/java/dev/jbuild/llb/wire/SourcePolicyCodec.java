package dev.jbuild.llb.wire;

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
import java.util.ArrayList;
import java.util.List;
import moby.buildkit.v1.sourcepolicy.AttrConstraint;
import moby.buildkit.v1.sourcepolicy.AttrMatch;
import moby.buildkit.v1.sourcepolicy.Policy;
import moby.buildkit.v1.sourcepolicy.PolicyAction;
import org.jspecify.annotations.Nullable;

/** Source policies as messages. Source: wire-control facts, section 2, last paragraph. */
public final class SourcePolicyCodec {
  private SourcePolicyCodec() {}

  /**
   * Reads a policy. No version at all is the first one: files that people wrote by BuildKit's
   * documentation have none.
   *
   * @param origin begins the text of a failure: {@code the build's source policy}
   * @throws BuildException INVALID naming the rule, counted from 1
   */
  public static SourcePolicy decode(Policy wire, String origin) {
    if (wire.getVersion() != 0 && wire.getVersion() != SourcePolicy.VERSION) {
      throw new BuildException(
          Code.INVALID,
          origin + ": unknown version " + wire.getVersion() + ", want " + SourcePolicy.VERSION);
    }
    if (wire.getRulesCount() > SourcePolicy.MAX_RULES) {
      throw new BuildException(
          Code.INVALID,
          origin
              + ": it has "
              + wire.getRulesCount()
              + " rules, the limit is "
              + SourcePolicy.MAX_RULES);
    }
    List<Rule> rules = new ArrayList<>();
    for (var rule : wire.getRulesList()) {
      try {
        rules.add(rule(rule));
      } catch (IllegalArgumentException e) {
        throw new BuildException(
            Code.INVALID, origin + ", rule " + (rules.size() + 1) + ": " + e.getMessage(), e);
      }
    }
    return new SourcePolicy(rules);
  }

  private static Rule rule(moby.buildkit.v1.sourcepolicy.Rule wire) {
    Action action =
        switch (wire.getAction()) {
          case ALLOW -> Action.ALLOW;
          case DENY -> Action.DENY;
          case CONVERT -> Action.CONVERT;
          case UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "unknown action " + wire.getActionValue() + ", want ALLOW, DENY or CONVERT");
        };
    if (!wire.hasSelector()) {
      throw new IllegalArgumentException("it has no selector");
    }
    Update update =
        wire.hasUpdates()
            ? new Update(wire.getUpdates().getIdentifier(), wire.getUpdates().getAttrsMap())
            : null;
    return new Rule(action, selector(wire.getSelector()), update);
  }

  private static Selector selector(moby.buildkit.v1.sourcepolicy.Selector wire) {
    MatchType type =
        switch (wire.getMatchType()) {
          case WILDCARD -> MatchType.WILDCARD;
          case EXACT -> MatchType.EXACT;
          case REGEX -> MatchType.REGEX;
          case UNRECOGNIZED ->
              throw new IllegalArgumentException(
                  "unknown match type "
                      + wire.getMatchTypeValue()
                      + ", want WILDCARD, EXACT or REGEX");
        };
    var constraints = new ArrayList<Constraint>();
    for (AttrConstraint constraint : wire.getConstraintsList()) {
      Condition condition =
          switch (constraint.getCondition()) {
            case EQUAL -> Condition.EQUAL;
            case NOTEQUAL -> Condition.NOTEQUAL;
            case MATCHES -> Condition.MATCHES;
            case UNRECOGNIZED ->
                throw new IllegalArgumentException(
                    "unknown condition "
                        + constraint.getConditionValue()
                        + ", want EQUAL, NOTEQUAL or MATCHES");
          };
      constraints.add(new Constraint(constraint.getKey(), constraint.getValue(), condition));
    }
    return new Selector(wire.getIdentifier(), type, constraints);
  }

  /** The message of a policy. */
  public static Policy encode(SourcePolicy policy) {
    var wire = Policy.newBuilder().setVersion(SourcePolicy.VERSION);
    for (Rule rule : policy.rules()) {
      var made =
          moby.buildkit.v1.sourcepolicy.Rule.newBuilder()
              .setAction(
                  switch (rule.action()) {
                    case ALLOW -> PolicyAction.ALLOW;
                    case DENY -> PolicyAction.DENY;
                    case CONVERT -> PolicyAction.CONVERT;
                  })
              .setSelector(encode(rule.selector()));
      @Nullable Update update = rule.update();
      if (update != null) {
        made.setUpdates(
            moby.buildkit.v1.sourcepolicy.Update.newBuilder()
                .setIdentifier(update.identifier())
                .putAllAttrs(update.attrs()));
      }
      wire.addRules(made);
    }
    return wire.build();
  }

  private static moby.buildkit.v1.sourcepolicy.Selector encode(Selector selector) {
    var wire =
        moby.buildkit.v1.sourcepolicy.Selector.newBuilder()
            .setIdentifier(selector.identifier())
            .setMatchType(
                switch (selector.type()) {
                  case WILDCARD -> moby.buildkit.v1.sourcepolicy.MatchType.WILDCARD;
                  case EXACT -> moby.buildkit.v1.sourcepolicy.MatchType.EXACT;
                  case REGEX -> moby.buildkit.v1.sourcepolicy.MatchType.REGEX;
                });
    for (Constraint constraint : selector.constraints()) {
      wire.addConstraints(
          AttrConstraint.newBuilder()
              .setKey(constraint.key())
              .setValue(constraint.value())
              .setCondition(
                  switch (constraint.condition()) {
                    case EQUAL -> AttrMatch.EQUAL;
                    case NOTEQUAL -> AttrMatch.NOTEQUAL;
                    case MATCHES -> AttrMatch.MATCHES;
                  }));
    }
    return wire.build();
  }
}
