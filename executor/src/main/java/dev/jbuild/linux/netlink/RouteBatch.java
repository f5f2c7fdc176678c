package dev.jbuild.linux.netlink;

import java.net.InetAddress;

/**
 * Writes requests about links, addresses, routes and neighbours. Source: rtnetlink(7) and the
 * kernel's {@code linux/if_link.h}, {@code if_bridge.h}, {@code neighbour.h}.
 */
public final class RouteBatch {
  static final int LINK_BYTES = 16;
  static final int ROUTE_BYTES = 12;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_LINK = 5;
  static final int IFLA_MASTER = 10;
  static final int IFLA_LINKINFO = 18;
  static final int IFLA_IFALIAS = 20;
  static final int IFLA_INFO_KIND = 1;
  static final int RTA_DST = 1;
  static final int RTA_OIF = 4;
  static final int RTA_GATEWAY = 5;

  private static final int NEWLINK = 16;
  private static final int DELLINK = 17;
  private static final int GETLINK = 18;
  private static final int NEWADDR = 20;
  private static final int NEWROUTE = 24;
  private static final int GETROUTE = 26;
  private static final int NEWNEIGH = 28;
  private static final int DELNEIGH = 29;
  private static final int REPLACE = 0x100;
  private static final int EXCLUSIVE = 0x200;
  private static final int CREATE = 0x400;

  private static final int AF_UNSPEC = 0;
  private static final int AF_INET = 2;
  private static final int AF_BRIDGE = 7;
  private static final int AF_INET6 = 10;
  private static final int IFF_UP = 1;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_GROUP = 27;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int IFLA_INFO_DATA = 2;
  private static final int IFLA_INFO_SLAVE_KIND = 4;
  private static final int IFLA_INFO_SLAVE_DATA = 5;
  private static final int IFLA_INET6_ADDR_GEN_MODE = 8;
  private static final int ADDR_GEN_NONE = 1;
  private static final int IFLA_BR_MCAST_SNOOPING = 23;
  private static final int IFLA_BRPORT_LEARNING = 8;
  private static final int IFLA_BRPORT_UNICAST_FLOOD = 9;
  private static final int IFLA_BRPORT_ISOLATED = 33;
  private static final int IFLA_BRPORT_LOCKED = 39;
  private static final int VETH_INFO_PEER = 1;
  private static final int IFA_ADDRESS = 1;
  private static final int IFA_LOCAL = 2;
  private static final int IFA_FLAGS = 8;
  private static final int IFA_F_NODAD = 0x02;
  private static final int IFA_F_NOPREFIXROUTE = 0x200;
  private static final int RTNH_F_ONLINK = 4;
  private static final int NDA_DST = 1;
  private static final int NDA_LLADDR = 2;
  private static final int NUD_NOARP = 0x40;
  private static final int NUD_PERMANENT = 0x80;
  private static final int NTF_MASTER = 0x04;
  private static final int RT_TABLE_MAIN = 254;
  private static final int RTPROT_STATIC = 4;
  private static final int RTN_UNICAST = 1;

  private final Batch batch = new Batch();

  /** What was written so far. */
  public Batch batch() {
    return batch;
  }

  /** Forgets all requests. */
  public RouteBatch clear() {
    batch.clear();
    return this;
  }

  /**
   * Makes a bridge that stays down.
   *
   * @param group see {@link #deleteGroup}
   * @param alias words that {@code ip link} shows to the operator, at most 255 bytes
   */
  public RouteBatch makeBridge(
      String name, int group, HardwareAddress address, int mtu, String alias) {
    batch.message(NEWLINK, CREATE | EXCLUSIVE, "make bridge " + name);
    link(0, 0);
    batch.text(IFLA_IFNAME, name).bytes(IFLA_ADDRESS, address.bytes()).u32(IFLA_MTU, mtu);
    batch.u32(IFLA_GROUP, group);
    int info = batch.begin(IFLA_LINKINFO);
    batch.text(IFLA_INFO_KIND, "bridge");
    int data = batch.begin(IFLA_INFO_DATA);
    batch.u8(IFLA_BR_MCAST_SNOOPING, 0).end(data).end(info);
    // An alias is not taken at creation.
    batch.message(NEWLINK, 0, "name bridge " + name);
    link(0, 0);
    batch.text(IFLA_IFNAME, name).text(IFLA_IFALIAS, alias);
    return this;
  }

  /** Makes a pair, both ends down. */
  public RouteBatch makeVeth(VethPair pair) {
    batch.message(NEWLINK, CREATE | EXCLUSIVE, "make veth " + pair.name());
    link(0, 0);
    batch
        .text(IFLA_IFNAME, pair.name())
        .u32(IFLA_MTU, pair.mtu())
        .u32(IFLA_MASTER, pair.bridgeIndex())
        .u32(IFLA_GROUP, pair.group());
    int info = batch.begin(IFLA_LINKINFO);
    batch.text(IFLA_INFO_KIND, "veth");
    int data = batch.begin(IFLA_INFO_DATA);
    int peer = batch.begin(VETH_INFO_PEER);
    link(0, 0);
    batch
        .text(IFLA_IFNAME, pair.insideName())
        .bytes(IFLA_ADDRESS, pair.insideAddress().bytes())
        .u32(IFLA_MTU, pair.mtu())
        .u32(IFLA_NET_NS_FD, pair.inside().number());
    batch.end(peer).end(data).end(info);
    return this;
  }

  /**
   * Makes a bridge's port talk to the host alone, refuses frames of hardware addresses that were
   * not told to the bridge ({@link #expectOnPort}; Linux 5.16 and later), and switches it on.
   */
  public RouteBatch isolatePort(String name, boolean ipv6) {
    batch.message(NEWLINK, 0, "isolate bridge port " + name);
    link(0, 0);
    batch.text(IFLA_IFNAME, name);
    int info = batch.begin(IFLA_LINKINFO);
    batch.text(IFLA_INFO_SLAVE_KIND, "bridge");
    int data = batch.begin(IFLA_INFO_SLAVE_DATA);
    batch
        .u8(IFLA_BRPORT_ISOLATED, 1)
        .u8(IFLA_BRPORT_LEARNING, 0)
        .u8(IFLA_BRPORT_UNICAST_FLOOD, 0)
        .u8(IFLA_BRPORT_LOCKED, 1)
        .end(data)
        .end(info);
    return up(name, ipv6);
  }

  /**
   * Switches a link on.
   *
   * @param ipv6 whether the kernel has it; the link gets no link-local address by itself then
   */
  public RouteBatch up(String name, boolean ipv6) {
    if (ipv6) {
      // Before the link is up: a link-local address would be made at that moment.
      batch.message(NEWLINK, 0, "keep " + name + " without link-local address");
      link(0, 0);
      batch.text(IFLA_IFNAME, name);
      int families = batch.begin(IFLA_AF_SPEC);
      int family = batch.begin(AF_INET6);
      batch.u8(IFLA_INET6_ADDR_GEN_MODE, ADDR_GEN_NONE).end(family).end(families);
    }
    return switchOn(name);
  }

  /** Switches the loopback on; the kernel gives it 127.0.0.1/8 and ::1/128. */
  public RouteBatch loopbackUp() {
    return switchOn("lo");
  }

  private RouteBatch switchOn(String name) {
    batch.message(NEWLINK, 0, "switch on " + name);
    link(IFF_UP, IFF_UP);
    batch.text(IFLA_IFNAME, name);
    return this;
  }

  private void link(int flags, int changed) {
    batch.u8(AF_UNSPEC).u8(0).u16(0).u32(0).u32(flags).u32(changed);
  }

  /** Asks for one link; the answer fails with ENODEV when there is none. */
  public RouteBatch link(String name) {
    batch.message(GETLINK, 0, "look at link " + name);
    link(0, 0);
    batch.text(IFLA_IFNAME, name);
    return this;
  }

  /** Asks for all links; to be dumped alone. */
  public RouteBatch links() {
    batch.message(GETLINK, Netlink.DUMP, "list links");
    link(0, 0);
    return this;
  }

  /** Takes a link away, with its peer; waits in the kernel, tens of milliseconds for a veth. */
  public RouteBatch deleteLink(Link link) {
    batch.message(DELLINK, 0, "delete link " + link.name());
    batch.u8(AF_UNSPEC).u8(0).u16(0).u32(link.index()).u32(0).u32(0);
    return this;
  }

  /**
   * Takes all links of a group away at once, which costs little more than one; fails with ENODEV
   * when there is none.
   *
   * @param group a number that only we use, never 0
   */
  public RouteBatch deleteGroup(int group) {
    if (group == 0) {
      throw new IllegalArgumentException("link group: 0 is everybody's");
    }
    batch.message(DELLINK, 0, "delete link group " + Integer.toUnsignedString(group));
    link(0, 0);
    batch.u32(IFLA_GROUP, group);
    return this;
  }

  /** Gives a link an address, and a route to its neighbours. */
  public RouteBatch address(int linkIndex, InetAddress address, int prefixLength) {
    return address(linkIndex, address, prefixLength, 0);
  }

  /** Gives a link an address, but no route to its neighbours. */
  public RouteBatch lonelyAddress(int linkIndex, InetAddress address, int prefixLength) {
    return address(linkIndex, address, prefixLength, IFA_F_NOPREFIXROUTE);
  }

  private RouteBatch address(int linkIndex, InetAddress address, int prefixLength, int flags) {
    byte[] bytes = address.getAddress();
    // Nobody else has an IPv6 address that we give, so it is used without a second of asking.
    int all = family(bytes) == AF_INET6 ? flags | IFA_F_NODAD : flags;
    batch.message(NEWADDR, CREATE | EXCLUSIVE, "add address " + address.getHostAddress());
    batch.u8(family(bytes)).u8(prefixLength).u8(0).u8(0).u32(linkIndex);
    batch.bytes(IFA_LOCAL, bytes).bytes(IFA_ADDRESS, bytes).u32(IFA_FLAGS, all);
    return this;
  }

  /** Adds the default route; the gateway need not be in reach of another route. */
  public RouteBatch defaultRoute(int linkIndex, InetAddress gateway) {
    byte[] bytes = gateway.getAddress();
    batch.message(NEWROUTE, CREATE | EXCLUSIVE, "add default route by " + gateway.getHostAddress());
    batch.u8(family(bytes)).u8(0).u8(0).u8(0);
    batch.u8(RT_TABLE_MAIN).u8(RTPROT_STATIC).u8(0).u8(RTN_UNICAST).u32(RTNH_F_ONLINK);
    batch.bytes(RTA_GATEWAY, bytes).u32(RTA_OIF, linkIndex);
    return this;
  }

  /** Asks for all IPv4 routes; to be dumped alone. */
  public RouteBatch routes() {
    return routes(AF_INET);
  }

  /** Asks for all IPv6 routes; to be dumped alone. */
  public RouteBatch routes6() {
    return routes(AF_INET6);
  }

  private RouteBatch routes(int family) {
    batch.message(GETROUTE, Netlink.DUMP, "list routes");
    batch.u8(family).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0);
    return this;
  }

  /** Tells the bridge which hardware address is behind a port, for good. */
  public RouteBatch expectOnPort(int portIndex, HardwareAddress address) {
    batch.message(NEWNEIGH, CREATE | REPLACE, "expect " + address + " on a bridge port");
    batch.u8(AF_BRIDGE).u8(0).u16(0).u32(portIndex).u16(NUD_NOARP).u8(NTF_MASTER).u8(0);
    batch.bytes(NDA_LLADDR, address.bytes());
    return this;
  }

  /** Tells a namespace which hardware address an address has, for good: nobody asks for it. */
  public RouteBatch neighbour(int linkIndex, InetAddress address, HardwareAddress hardware) {
    byte[] bytes = address.getAddress();
    batch.message(NEWNEIGH, CREATE | REPLACE, "add neighbour " + address.getHostAddress());
    batch.u8(family(bytes)).u8(0).u16(0).u32(linkIndex).u16(NUD_PERMANENT).u8(0).u8(0);
    batch.bytes(NDA_DST, bytes).bytes(NDA_LLADDR, hardware.bytes());
    return this;
  }

  /** Forgets {@link #neighbour}. */
  public RouteBatch forgetNeighbour(int linkIndex, InetAddress address) {
    byte[] bytes = address.getAddress();
    batch.message(DELNEIGH, 0, "delete neighbour " + address.getHostAddress());
    batch.u8(family(bytes)).u8(0).u16(0).u32(linkIndex).u16(0).u8(0).u8(0);
    batch.bytes(NDA_DST, bytes);
    return this;
  }

  private static int family(byte[] address) {
    return address.length == 4 ? AF_INET : AF_INET6;
  }
}
