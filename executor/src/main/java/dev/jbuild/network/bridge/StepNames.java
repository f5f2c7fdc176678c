package dev.jbuild.network.bridge;

import dev.jbuild.netplan.EgressRule;
import dev.jbuild.netplan.EgressRule.Anyone;
import dev.jbuild.netplan.EgressRule.Name;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.network.dns.NameWatch;
import dev.jbuild.network.ledger.Refusal;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Watches a step's questions for its egress rules.
 *
 * @param layers all of them count: the configuration's, the build's
 */
record StepNames(List<Layer> layers) implements NameWatch {

  /**
   * One list of rules.
   *
   * @param suffix of the rules' texts
   */
  record Layer(EgressRules rules, LearnedNames names, String suffix) {}

  StepNames {
    layers = List.copyOf(layers);
  }

  @Override
  public @Nullable String refusal(String name) {
    for (var layer : layers) {
      String refusal = refusal(layer.rules(), name);
      if (refusal != null) {
        return refusal + layer.suffix();
      }
    }
    return null;
  }

  /** Not null when no connection could follow from the answer. */
  static @Nullable String refusal(EgressRules rules, String name) {
    for (var rule : rules.rules()) {
      boolean fits = !(rule.target() instanceof Name target) || target.matches(name);
      if (rule.allow() && fits) {
        return null;
      }
      if (!rule.allow() && refusesAll(rule)) {
        return rule.toString();
      }
    }
    return rules.allowsRest() ? null : Refusal.NOT_ALLOWED;
  }

  private static boolean refusesAll(EgressRule rule) {
    return rule.target() instanceof Anyone && rule.ports() == null && rule.protocol() == null;
  }

  @Override
  public void learned(String name, List<InetAddress> addresses, int ttlSeconds) {
    for (var layer : layers) {
      layer.names().learn(name, addresses, ttlSeconds);
    }
  }
}
