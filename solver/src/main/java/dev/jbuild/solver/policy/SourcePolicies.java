package dev.jbuild.solver.policy;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.sourcepolicy.SourcePolicy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Policies that are ready to be asked. Of a policy the last rule that selects a source and allows
 * or denies it decides; a source that no rule selects is allowed; each policy must allow it. A rule
 * that converts takes effect where it stands, and what it makes is asked about from the start, by
 * all policies. Immutable. Source: BuildKit's package {@code sourcepolicy}.
 */
public final class SourcePolicies {
  /** Of no rules: every source is used as it is. */
  public static final SourcePolicies NONE = new SourcePolicies(List.of());

  /** So often one source may be converted. */
  static final int MAX_CONVERSIONS = 20;

  /** So many characters an identifier may have that rules are asked about. */
  static final int MAX_IDENTIFIER = SourcePolicy.MAX_TEXT;

  /** So many policies one request may be under. */
  private static final int MAX_POLICIES = 100;

  private final List<List<CompiledRule>> policies;

  private SourcePolicies(List<List<CompiledRule>> policies) {
    this.policies = List.copyOf(policies);
  }

  /**
   * Makes a policy ready.
   *
   * @param origin for people: {@code the build's source policy}
   * @throws BuildException INVALID naming the rule that is not valid
   */
  public static SourcePolicies of(SourcePolicy policy, String origin) {
    var rules = new ArrayList<CompiledRule>();
    for (SourcePolicy.Rule rule : policy.rules()) {
      String number = "rule " + (rules.size() + 1);
      try {
        rules.add(CompiledRule.of(rule, number + " of " + origin));
      } catch (IllegalArgumentException e) {
        throw new BuildException(Code.INVALID, origin + ", " + number + ": " + e.getMessage(), e);
      }
    }
    return rules.isEmpty() ? NONE : new SourcePolicies(List.of(rules));
  }

  /**
   * These and others.
   *
   * @throws BuildException INVALID when they are too many
   */
  public SourcePolicies and(SourcePolicies others) {
    if (others.isEmpty()) {
      return this;
    }
    var all = new ArrayList<>(policies);
    all.addAll(others.policies);
    if (all.size() > MAX_POLICIES) {
      throw new BuildException(
          Code.INVALID, "there are more than " + MAX_POLICIES + " source policies");
    }
    return new SourcePolicies(all);
  }

  /** Whether there are no rules. */
  public boolean isEmpty() {
    return policies.isEmpty();
  }

  /**
   * A source that may be used.
   *
   * @param changes one line for each rule that has converted it; empty when it is as it was
   */
  public record Admitted(SourceOp source, List<String> changes) {
    public Admitted {
      changes = List.copyOf(changes);
    }
  }

  /**
   * What is to be used for a source.
   *
   * @param place of the step that wants it; asked for when that fails
   * @throws BuildException PERMISSION_DENIED when a policy denies it; INVALID when conversions lead
   *     nowhere; CANCELLED when the thread is interrupted
   */
  public Admitted admit(SourceOp asked, Supplier<Place> place) {
    var changes = new ArrayList<String>();
    var seen = new HashSet<SourceOp>();
    SourceOp source = asked;
    while (!policies.isEmpty()) {
      seen.add(source);
      Conversion conversion = next(source, changes, place);
      if (conversion == null) {
        break;
      }
      changes.add(conversion.line);
      if (!seen.add(conversion.to) || changes.size() > MAX_CONVERSIONS) {
        String why =
            changes.size() > MAX_CONVERSIONS
                ? "it was converted " + MAX_CONVERSIONS + " times and another rule wants to"
                : "its conversions lead in a circle";
        throw failure(Code.INVALID, place, quoted(asked) + ": " + why + ": " + last(changes), null);
      }
      source = conversion.to;
    }
    return new Admitted(source, changes);
  }

  /** One step of a source to what stands in for it. */
  private record Conversion(SourceOp to, String line) {}

  private @Nullable Conversion next(SourceOp source, List<String> before, Supplier<Place> place) {
    String name = SourceNames.of(source);
    if (name.length() > MAX_IDENTIFIER) {
      throw failure(
          Code.INVALID,
          place,
          "the source's identifier has "
              + name.length()
              + " characters, with source policies the limit is "
              + MAX_IDENTIFIER,
          null);
    }
    for (List<CompiledRule> policy : policies) {
      CompiledRule denied = null;
      for (CompiledRule rule : policy) {
        if (Thread.currentThread().isInterrupted()) {
          throw new BuildException(Code.CANCELLED, "the build was cancelled");
        }
        if (!rule.selects(name, source.attrs())) {
          continue;
        }
        switch (rule.rule().action()) {
          case ALLOW -> denied = null;
          case DENY -> denied = rule;
          case CONVERT -> {
            SourceOp to = converted(rule, source, name, place);
            if (!to.equals(source)) {
              return new Conversion(to, line(source, to, rule));
            }
          }
        }
      }
      if (denied != null) {
        throw denied(denied, name, before, place);
      }
    }
    return null;
  }

  private static SourceOp converted(
      CompiledRule rule, SourceOp source, String name, Supplier<Place> place) {
    SourceOp to = rule.convert(source, name);
    String why = null;
    if (to.identifier().length() > MAX_IDENTIFIER) {
      why = "an identifier of more than " + MAX_IDENTIFIER + " characters";
    } else if (to.identifier().indexOf("://") <= 0) {
      why = "'" + to.identifier() + "', want '<scheme>://<rest>'";
    }
    if (why != null) {
      String text =
          "source '" + SourceNames.shown(name) + "': " + rule.described() + " makes it " + why;
      throw failure(Code.INVALID, place, text, null);
    }
    return to;
  }

  private static String line(SourceOp from, SourceOp to, CompiledRule rule) {
    return from.identifier().equals(to.identifier())
        ? quoted(from) + " got attributes from " + rule.described()
        : quoted(from) + " became " + quoted(to) + " by " + rule.described();
  }

  private static String quoted(SourceOp source) {
    return "'" + SourceNames.shown(source.identifier()) + "'";
  }

  private static String last(List<String> changes) {
    return String.join(", ", changes.subList(Math.max(0, changes.size() - 3), changes.size()));
  }

  private static BuildException denied(
      CompiledRule rule, String name, List<String> before, Supplier<Place> place) {
    String source = SourceNames.shown(name);
    String history = before.isEmpty() ? "" : "; " + last(before);
    return failure(
        Code.PERMISSION_DENIED,
        place,
        "source '" + source + "' is denied by " + rule.described() + history,
        new Detail.DeniedSource(source, rule.place()));
  }

  private static BuildException failure(
      Code code, Supplier<Place> place, String text, Detail.@Nullable DeniedSource detail) {
    Place where = place.get();
    boolean step = !where.origin().isEmpty();
    var details = new ArrayList<Detail>();
    if (detail != null) {
      details.add(detail);
    }
    details.addAll(where.origin());
    return new BuildException(code, step ? where + ": " + text : text, null, details);
  }
}
