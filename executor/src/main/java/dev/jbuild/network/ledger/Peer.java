package dev.jbuild.network.ledger;

import java.net.InetAddress;

/**
 * Somebody that a step exchanged packets with, or tried to.
 *
 * @param port the peer's; 0 where the protocol has none or the peer connected to the step
 * @param name that the step looked up for the address, or empty
 * @param bytesSent by the step, with the headers of the network layer
 * @param bytesReceived by the step
 * @param state what became of it
 * @param incoming whether the peer began it
 */
public record Peer(
    Protocol protocol,
    InetAddress address,
    int port,
    String name,
    long bytesSent,
    long bytesReceived,
    State state,
    boolean incoming) {

  /** What became of the attempt. */
  public enum State {
    /** Packets came back. */
    ANSWERED,
    /** The connection was refused by a reset. */
    REFUSED,
    /** Nothing came back. */
    SILENT
  }
}
