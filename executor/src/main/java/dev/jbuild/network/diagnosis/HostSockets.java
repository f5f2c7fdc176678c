package dev.jbuild.network.diagnosis;

import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.Protocol;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the host listens on, read once and only when it is asked for. For one thread. */
final class HostSockets {
  private final HostListeners host;
  private @Nullable List<Listener> read;
  private boolean readable = true;

  HostSockets(HostListeners host) {
    this.host = host;
  }

  /** Whether the answers below are known. */
  boolean known() {
    all();
    return readable;
  }

  /** The socket at this port that a connection to the host's loopback reaches best. */
  Optional<Listener> atLoopback(Protocol protocol, int port) {
    return all().stream()
        .filter(l -> l.protocol() == protocol && l.port() == port)
        .filter(l -> l.address().isLoopbackAddress() || l.address().isAnyLocalAddress())
        .min(Comparator.comparingInt(HostSockets::rank));
  }

  /** The socket that a connection to this address and port reaches. */
  Optional<Listener> at(Protocol protocol, InetAddress address, int port) {
    return all().stream()
        .filter(l -> l.protocol() == protocol && l.port() == port)
        .filter(l -> l.address().equals(address) || takes(l.address(), address))
        .min(Comparator.comparing((Listener l) -> !l.address().equals(address)));
  }

  /** A wildcard of IPv6 takes IPv4 too, unless its program says otherwise. */
  private static boolean takes(InetAddress wildcard, InetAddress address) {
    return wildcard.isAnyLocalAddress()
        && (wildcard instanceof Inet6Address || !(address instanceof Inet6Address));
  }

  /** The address by which the host itself reaches it: what a grant names. */
  static InetAddress reachable(Listener listener) {
    return listener.address().isAnyLocalAddress()
        ? InetAddress.ofLiteral("127.0.0.1")
        : listener.address();
  }

  private static int rank(Listener listener) {
    boolean six = listener.address() instanceof Inet6Address;
    if (listener.address().isAnyLocalAddress()) {
      return six ? 2 : 1;
    }
    return listener.address().equals(InetAddress.ofLiteral("127.0.0.1")) ? 0 : six ? 3 : 4;
  }

  private List<Listener> all() {
    if (read == null) {
      try {
        read = host.listeners();
      } catch (IOException e) {
        readable = false; // then nothing is said about the host
        read = List.of();
      }
    }
    return read;
  }
}
