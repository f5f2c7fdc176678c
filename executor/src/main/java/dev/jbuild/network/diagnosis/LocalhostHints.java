package dev.jbuild.network.diagnosis;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.Endpoint;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * On connections to the step's own loopback that were refused.
 *
 * @param granted ports of the host that stand at the step's loopback
 */
record LocalhostHints(HostSockets sockets, List<HostPorts> granted) {

  List<String> of(NetworkReport report) {
    var refused = new TreeMap<Integer, Boolean>();
    for (Peer peer : report.peers()) {
      if (peer.protocol() == Protocol.TCP
          && peer.address().isLoopbackAddress()
          && peer.port() > 0
          && !peer.incoming()) {
        // Programs try both loopback addresses: one that answers is enough.
        refused.merge(peer.port(), peer.state() == Peer.State.REFUSED, (a, b) -> a && b);
      }
    }
    var hints = new ArrayList<String>();
    refused.forEach(
        (port, all) -> {
          String hint = all ? hint(report.mode(), port) : null;
          if (hint != null) {
            hints.add("connection refused to localhost:" + port + hint);
          }
        });
    return hints;
  }

  private @Nullable String hint(NetMode mode, int port) {
    Optional<Listener> listener = sockets.atLoopback(Protocol.TCP, port);
    return switch (mode) {
      case HOST ->
          sockets.known() && listener.isEmpty() ? ": nothing listens there on the host" : null;
      case SANDBOX -> isolated(port, listener);
      case NONE -> none(listener);
    };
  }

  private @Nullable String isolated(int port, Optional<Listener> listener) {
    for (HostPorts grant : granted) {
      if (grant.first() <= port && port <= grant.last()) {
        boolean nobody =
            sockets.known() && sockets.at(Protocol.TCP, grant.address(), port).isEmpty();
        return nobody
            ? ", which is granted: nothing listens on the host at "
                + new Endpoint(grant.address(), port)
            : null;
      }
    }
    String where = " inside the isolated network";
    if (listener.isPresent()) {
      return where
          + "; the host listens on "
          + new Endpoint(listener.get().address(), port)
          + ": add '"
          + allow(listener.get())
          + "' or '--network=host'";
    }
    return sockets.known()
        ? where + ", and nothing listens there on the host either"
        : where + ": nothing listens there";
  }

  private static String none(Optional<Listener> listener) {
    String where = " inside the step, which has no network (--network=none)";
    return listener
        .map(
            l ->
                where
                    + "; the host listens on "
                    + new Endpoint(l.address(), l.port())
                    + ": use the default network with '"
                    + allow(l)
                    + "', or '--network=host'")
        .orElse(where);
  }

  private static String allow(Listener listener) {
    return "--allow network.host=" + new Endpoint(HostSockets.reachable(listener), listener.port());
  }
}
