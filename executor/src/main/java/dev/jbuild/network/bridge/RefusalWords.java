package dev.jbuild.network.bridge;

import dev.jbuild.netplan.EgressRules;
import dev.jbuild.network.ledger.Refusal;

/**
 * Says in words which rule refused something.
 *
 * @param ceiling the configured rules
 * @param build the rules of the step's build
 */
record RefusalWords(EgressRules ceiling, EgressRules build) {

  /** An entry for the ledger. */
  Refusal refusal(RefusalLog.Counted counted) {
    var attempt = counted.attempt();
    String why = attempt.why();
    int dot = why.indexOf('.');
    boolean egress = dot > 0;
    return new Refusal(
        attempt.protocol(),
        attempt.address(),
        attempt.port(),
        "",
        egress ? rule(why.startsWith("c."), why.substring(dot + 1)) : plain(why),
        egress,
        counted.count());
  }

  private String rule(boolean configured, String index) {
    var rules = (configured ? ceiling : build).rules();
    int number = index.matches("[0-9]{1,4}") ? Integer.parseInt(index) : rules.size();
    String text = number < rules.size() ? rules.get(number).toString() : Refusal.NOT_ALLOWED;
    return configured ? text + Refusal.CEILING : text;
  }

  private static String plain(String why) {
    return switch (why) {
      case "host" -> Refusal.HOST;
      case "step" -> Refusal.ANOTHER_STEP;
      case "metadata" -> Refusal.METADATA;
      case "private" -> Refusal.PRIVATE;
      default -> why;
    };
  }
}
