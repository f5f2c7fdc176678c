package dev.jbuild.network.diagnosis;

import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;

/** The sockets of the host that wait for others. Safe for use by several threads. */
public interface HostListeners {

  /**
   * One socket: of TCP in the state of listening, or of UDP and not connected.
   *
   * @param address may be the wildcard
   */
  record Listener(Protocol protocol, InetAddress address, int port) {}

  /** Those of now, in no order. */
  List<Listener> listeners() throws IOException;
}
