package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.Netlink;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.VethPair;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The bridge as it stands, and the making of ports. To be used on the network thread.
 *
 * @param name of the bridge
 * @param index its number
 * @param group of the bridge and its ports
 * @param portPrefix what the names of ports start with, at most 11 bytes
 * @param subnet what its steps have
 * @param subnet6 what they have beside, or null
 * @param mtu of all links
 * @param ipv6 whether the kernel has IPv6
 */
record HostBridge(
    String name,
    int index,
    int group,
    String portPrefix,
    Subnet subnet,
    @Nullable Subnet6 subnet6,
    int mtu,
    boolean ipv6) {
  private static final String INSIDE_NAME = "eth0";
  private static final int MAX_PER_BATCH = 60;
  private static final int MAX_LOOKS = 50;
  private static final long LOOK_NANOS = 200_000;

  /** The host's own addresses on it, IPv4 first. */
  List<InetAddress> gateways() {
    return subnet6 == null
        ? List.of(subnet.gateway())
        : List.of(subnet.gateway(), subnet6.gateway());
  }

  /** The addresses at an offset, IPv4 first. */
  List<InetAddress> addresses(int offset) {
    return subnet6 == null
        ? List.of(subnet.at(offset))
        : List.of(subnet.at(offset), subnet6.at(offset));
  }

  /** The host's end of the pair of a step; never longer than 15 bytes. */
  String portName(int offset) {
    return "%s%04x".formatted(portPrefix, offset);
  }

  /** Makes a namespace with one interface in it, which is a port of the bridge. */
  Descriptor connect(NetworkScope scope, int offset) throws IOException {
    var made = scope.makeNetwork();
    boolean complete = false;
    try (made) {
      var hardware = HardwareAddress.of(subnet.at(offset));
      joinHost(scope, made.network(), offset, hardware);
      setUpInside(scope, made.links(), offset);
      awaitRunning(scope, offset);
      complete = true;
      return made.network();
    } finally {
      if (!complete) {
        // Takes the pair along.
        made.network().close();
      }
    }
  }

  private void joinHost(
      NetworkScope scope, Descriptor network, int offset, HardwareAddress hardware)
      throws IOException {
    String port = portName(offset);
    var pair = new VethPair(port, index, group, network, INSIDE_NAME, hardware, mtu);
    var links = scope.links();
    var made =
        links.exchange(scope.batch().makeVeth(pair).isolatePort(port, ipv6).link(port).batch());
    var batch = scope.batch().expectOnPort(Link.read(made.getLast()).index(), hardware);
    for (InetAddress address : addresses(offset)) {
      batch.neighbour(index, address, hardware);
    }
    links.exchange(batch.batch());
  }

  private void setUpInside(NetworkScope scope, Netlink inside, int offset) throws IOException {
    var found =
        inside.exchange(scope.batch().loopbackUp().up(INSIDE_NAME, ipv6).link(INSIDE_NAME).batch());
    int eth0 = Link.read(found.getLast()).index();
    var gateway = HardwareAddress.of(subnet.gateway());
    // All goes to the gateway, which refuses what is meant for another step at once; on the link
    // itself such a packet would wait for an answer that never comes.
    var batch =
        scope
            .batch()
            .lonelyAddress(eth0, subnet.at(offset), subnet.prefixLength())
            .defaultRoute(eth0, subnet.gateway())
            .neighbour(eth0, subnet.gateway(), gateway);
    if (subnet6 != null) {
      batch
          .lonelyAddress(eth0, subnet6.at(offset), Subnet6.PREFIX_LENGTH)
          .defaultRoute(eth0, subnet6.gateway())
          .neighbour(eth0, subnet6.gateway(), gateway);
    }
    inside.exchange(batch.batch());
  }

  /**
   * The kernel notices a while after both ends are on, and loses packets until then. Asking makes
   * newer kernels look at once; where that does not help in time the step is not kept from running.
   */
  private void awaitRunning(NetworkScope scope, int offset) throws IOException {
    boolean running = false;
    for (int looks = 0; !running && looks < MAX_LOOKS; looks++) {
      if (looks > 0) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      var found = scope.links().exchange(scope.batch().link(portName(offset)).link(name).batch());
      running = true;
      for (var reply : found) {
        running &= Link.read(reply).running();
      }
    }
  }

  /** Forgets the neighbours at these offsets; those not known are passed over. */
  void forget(NetworkScope scope, List<Integer> offsets) throws IOException {
    for (int from = 0; from < offsets.size(); from += MAX_PER_BATCH) {
      var batch = scope.batch();
      for (int offset : offsets.subList(from, Math.min(offsets.size(), from + MAX_PER_BATCH))) {
        for (InetAddress address : addresses(offset)) {
          batch.forgetNeighbour(index, address);
        }
      }
      try {
        scope.links().exchange(batch.batch());
      } catch (ErrnoException e) {
        // The kernel has taken the others all the same.
        if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENODEV) {
          throw e;
        }
      }
    }
  }
}
