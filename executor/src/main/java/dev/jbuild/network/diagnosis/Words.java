package dev.jbuild.network.diagnosis;

import dev.jbuild.network.ledger.Endpoint;
import dev.jbuild.network.ledger.Protocol;
import java.net.InetAddress;

/** Phrases that several hints share. */
final class Words {
  private Words() {}

  /** {@code 192.0.2.7:443 (example.org)}. */
  static String place(InetAddress address, int port, String name) {
    return new Endpoint(address, port) + (name.isEmpty() ? "" : " (" + name + ")");
  }

  /** Begins a sentence on an attempt: {@code connection to}. */
  static String attempt(Protocol protocol) {
    return switch (protocol) {
      case TCP -> "connection to ";
      case UDP -> "udp packets to ";
      case ICMP -> "icmp packets to ";
      case OTHER -> "packets to ";
    };
  }
}
