package dev.jbuild.netplan;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;

/**
 * What steps may reach: the first rule that fits decides. What none fits is refused where a rule
 * allows something, and allowed where all rules only refuse; no rules at all allow everything.
 */
public record EgressRules(List<EgressRule> rules) {

  /** Everything may be reached. */
  public static final EgressRules NONE = new EgressRules(List.of());

  private static final int MAX_RULES = 256;

  public EgressRules {
    rules = List.copyOf(rules);
  }

  /**
   * Reads {@code allow=example.org:443,allow=10.0.0.0/8:5432/tcp,deny=*}.
   *
   * @param texts each one or several rules, separated by commas
   * @throws BuildException INVALID, naming the rule
   */
  public static EgressRules parse(List<String> texts) {
    var rules = new ArrayList<EgressRule>();
    for (String text : texts) {
      for (String rule : text.split(",", -1)) {
        rules.add(EgressRule.parse(rule.strip()));
      }
    }
    if (rules.size() > MAX_RULES) {
      throw new BuildException(
          Code.INVALID, "egress: want at most " + MAX_RULES + " rules, got " + rules.size());
    }
    return new EgressRules(rules);
  }

  /** Whether everything may be reached. */
  public boolean isEmpty() {
    return rules.isEmpty();
  }

  /** Whether what no rule fits may be reached. */
  public boolean allowsRest() {
    return rules.stream().noneMatch(EgressRule::allow);
  }

  /**
   * The failure of a step that has the host's network, where no rule can hold.
   *
   * @param step as users know it
   */
  public String refusedInHostNetwork(String step) {
    return step
        + " has the host's network, where egress rules can not hold, got '"
        + this
        + "'; leave out --egress, or let the step have 'RUN --network=isolated'";
  }

  /** As {@link #parse} reads them. */
  @Override
  public String toString() {
    return String.join(",", rules.stream().map(EgressRule::toString).toList());
  }
}
