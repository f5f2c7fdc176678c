package dev.jbuild.network.ledger;

import dev.jbuild.llb.NetMode;
import java.util.List;

/**
 * What is known of a step's traffic.
 *
 * @param mode what the step really had
 * @param quiet whether it is proven that the step opened no socket beyond its own loopback
 * @param notSeen what could not be watched, in sentences; empty when all was
 */
public record NetworkReport(
    NetMode mode,
    boolean quiet,
    List<Lookup> lookups,
    List<Peer> peers,
    List<Refusal> refusals,
    List<String> notSeen) {
  public NetworkReport {
    lookups = List.copyOf(lookups);
    peers = List.copyOf(peers);
    refusals = List.copyOf(refusals);
    notSeen = List.copyOf(notSeen);
  }

  /**
   * Whether the step would have met the same in any other network: it was quiet, and whomever it
   * called on its own loopback answered. Who was not there may be there in the host's.
   */
  public boolean sameElsewhere() {
    return quiet
        && peers.stream().allMatch(peer -> peer.incoming() || peer.state() == Peer.State.ANSWERED);
  }

  /** Of a step that was not watched. */
  public static NetworkReport unseen(NetMode mode, String why) {
    return new NetworkReport(mode, false, List.of(), List.of(), List.of(), List.of(why));
  }
}
