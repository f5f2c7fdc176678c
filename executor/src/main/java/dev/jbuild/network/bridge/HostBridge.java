package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.netlink.HardwareAddress;
import dev.jbuild.linux.netlink.Link;
import dev.jbuild.linux.netlink.Netlink;
import dev.jbuild.linux.netlink.NetworkScope;
import dev.jbuild.linux.netlink.VethPair;
import java.io.IOException;
import java.net.Inet4Address;

/**
 * The bridge as it stands, and the making of ports. To be used on the network thread.
 *
 * @param name of the bridge
 * @param index its number
 * @param group of the bridge and its ports
 * @param subnet what its steps have
 * @param mtu of all links
 * @param ipv6 whether the kernel has IPv6
 */
record HostBridge(String name, int index, int group, Subnet subnet, int mtu, boolean ipv6) {
  private static final String INSIDE_NAME = "eth0";

  /** The host's end of the pair of a step; never longer than 15 bytes. */
  String portName(int offset) {
    return "%s%04x".formatted(name, offset);
  }

  /** Makes a namespace with one interface in it, which is a port of the bridge. */
  Descriptor connect(NetworkScope scope, int offset) throws IOException {
    var made = scope.makeNetwork();
    boolean complete = false;
    try (made) {
      var address = subnet.at(offset);
      var hardware = HardwareAddress.of(address);
      joinHost(scope, made.network(), offset, hardware);
      setUpInside(scope, made.links(), address);
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
    int portIndex = Link.read(made.getLast()).index();
    links.exchange(
        scope
            .batch()
            .expectOnPort(portIndex, hardware)
            .neighbour(index, subnet.at(offset), hardware)
            .batch());
  }

  private void setUpInside(NetworkScope scope, Netlink inside, Inet4Address address)
      throws IOException {
    var found =
        inside.exchange(scope.batch().loopbackUp().up(INSIDE_NAME, ipv6).link(INSIDE_NAME).batch());
    int insideIndex = Link.read(found.getLast()).index();
    // All goes to the gateway, which refuses what is meant for another step at once; on the link
    // itself such a packet would wait for an answer that never comes.
    inside.exchange(
        scope
            .batch()
            .lonelyAddress(insideIndex, address, subnet.prefixLength())
            .defaultRoute(insideIndex, subnet.gateway())
            .batch());
  }
}
