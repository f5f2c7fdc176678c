package dev.jbuild.network.diagnosis;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * Says what a failed step's network has to do with its failure, where there is evidence of it: in
 * what was seen of the step, and in the sockets of the host. Safe for use by several threads.
 */
public final class Diagnosis {
  /** How many sentences there are at most. */
  static final int MAX_HINTS = 5;

  private static final int DNS = 53;

  private final HostListeners host;

  public Diagnosis(HostListeners host) {
    this.host = host;
  }

  /**
   * Sentences without an end, the most telling first; empty where nothing points to the network.
   *
   * @param granted ports of the host that the step could reach
   */
  public List<String> hints(NetworkReport report, List<HostPorts> granted) {
    var sockets = new HostSockets(host);
    var hints = new LinkedHashSet<String>();
    hints.addAll(new RefusalHints(sockets).of(report.refusals()));
    hints.addAll(new LocalhostHints(sockets, granted).of(report));
    if (report.mode() == NetMode.NONE) {
      hints.addAll(noNetwork(report));
    } else {
      hints.addAll(LookupHints.of(report.lookups()));
      hints.addAll(silent(report));
    }
    return hints.stream().limit(MAX_HINTS).toList();
  }

  private static List<String> noNetwork(NetworkReport report) {
    boolean beyond =
        report.peers().stream().anyMatch(peer -> !peer.address().isLoopbackAddress())
            || (!report.quiet() && report.notSeen().isEmpty());
    if (beyond) {
      return List.of("the step has no network (--network=none)");
    }
    // Without a resolver configured, a C library asks the step's own loopback.
    boolean asked =
        report.peers().stream()
            .anyMatch(
                peer ->
                    peer.protocol() == Protocol.UDP
                        && peer.port() == DNS
                        && peer.state() != Peer.State.ANSWERED);
    return asked
        ? List.of("names cannot be resolved: the step has no network (--network=none)")
        : List.of();
  }

  /** Only where nobody answered: else the silence of some may be meant. */
  private static List<String> silent(NetworkReport report) {
    var hints = new ArrayList<String>();
    for (Peer peer : report.peers()) {
      boolean attempt =
          peer.protocol() == Protocol.TCP
              && !peer.incoming()
              && !peer.address().isLoopbackAddress()
              && report.refusals().stream()
                  .noneMatch(
                      refusal ->
                          peer.address().equals(refusal.address())
                              && peer.port() == refusal.port());
      if (attempt && peer.state() != Peer.State.SILENT) {
        return List.of();
      }
      if (attempt) {
        hints.add("no answer from " + Words.place(peer.address(), peer.port(), peer.name()));
      }
    }
    return hints;
  }
}
