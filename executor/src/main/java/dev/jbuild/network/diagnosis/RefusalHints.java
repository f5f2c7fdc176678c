package dev.jbuild.network.diagnosis;

import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.Endpoint;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * On what rules kept the step from.
 *
 * @param sockets of the host
 */
record RefusalHints(HostSockets sockets) {

  List<String> of(List<Refusal> refusals) {
    var hints = new ArrayList<String>();
    for (Refusal refusal : refusals) {
      InetAddress address = refusal.address();
      if (address == null) {
        hints.add("name " + refusal.name() + " not resolved" + reason(refusal, ": "));
      } else {
        String attempt =
            Words.attempt(refusal.protocol())
                + Words.place(address, refusal.port(), refusal.name())
                + " refused";
        hints.add(attempt + (refusal.egress() ? reason(refusal, " ") : fixed(refusal, address)));
      }
    }
    return hints;
  }

  /**
   * By which egress rule, and what would allow it.
   *
   * @param before between what was refused and the rule
   */
  private static String reason(Refusal refusal, String before) {
    if (refusal.ceiling()) {
      return refusal.unlisted()
          ? ": no egress rule of the daemon's configuration allows it, which a build cannot change"
          : before + by(refusal, before) + ", which a build cannot change";
    }
    String flag = "'--egress allow=" + target(refusal) + "'";
    return refusal.unlisted()
        ? ": no egress rule allows it: add " + flag
        : before + by(refusal, before) + ": add " + flag + " before it";
  }

  private static String by(Refusal refusal, String before) {
    return before.equals(" ")
        ? "by the egress rule " + refusal.ruleWords()
        : "refused by the egress rule " + refusal.ruleWords();
  }

  /** What a rule says to mean this: {@code example.org:443}. */
  private static String target(Refusal refusal) {
    InetAddress address = refusal.address();
    if (!refusal.name().isEmpty() || address == null) {
      String port = refusal.port() == 0 ? "" : ":" + refusal.port();
      return refusal.name() + port + protocol(refusal);
    }
    String text = new Endpoint(address, refusal.port()).toString();
    boolean bare = address instanceof Inet6Address && refusal.port() == 0;
    return (bare ? "[" + text + "]" : text) + protocol(refusal);
  }

  private static String protocol(Refusal refusal) {
    return refusal.protocol() == Protocol.ICMP ? "/icmp" : "";
  }

  private String fixed(Refusal refusal, InetAddress address) {
    return switch (refusal.rule()) {
      case Refusal.HOST -> ": isolated steps do not reach the host" + onHost(refusal, address);
      case Refusal.ANOTHER_STEP -> ": steps do not reach each other";
      case Refusal.PRIVATE ->
          ": the daemon's configuration keeps isolated steps from private addresses; only"
              + " '--network=host' reaches them";
      default -> ": isolated steps do not reach " + refusal.rule() + "; only '--network=host' does";
    };
  }

  private String onHost(Refusal refusal, InetAddress address) {
    int port = refusal.port();
    if (port == 0 || !sockets.known()) {
      return "";
    }
    Optional<Listener> listener =
        sockets
            .at(refusal.protocol(), address, port)
            .or(() -> sockets.atLoopback(refusal.protocol(), port));
    return listener
        .map(
            l ->
                "; it listens on "
                    + new Endpoint(l.address(), port)
                    + ": add '--allow network.host="
                    + new Endpoint(HostSockets.reachable(l), port)
                    + "' and connect to localhost:"
                    + port
                    + ", or '--network=host'")
        .orElse(", and nothing listens there");
  }
}
