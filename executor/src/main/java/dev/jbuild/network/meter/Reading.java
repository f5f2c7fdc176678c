package dev.jbuild.network.meter;

import dev.jbuild.network.ledger.Peer;
import java.util.List;

/**
 * What a meter saw of a step.
 *
 * @param quiet whether it is proven that no socket was opened beyond the step's own loopback
 * @param peers without names, own loopback included: a refused connection to it explains failures
 * @param notSeen what could not be watched, in sentences
 */
public record Reading(boolean quiet, List<Peer> peers, List<String> notSeen) {
  public Reading {
    peers = List.copyOf(peers);
    notSeen = List.copyOf(notSeen);
  }
}
