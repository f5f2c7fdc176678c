package dev.jbuild.network.bridge;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.libc.LibcNetworkKernel;
import dev.jbuild.linux.netlink.NetworkThread;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.netplan.EgressRules;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Refusal;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A {@link TestHost} with a bridge, rules and steps. The world outside has 192.0.2.1 to 192.0.2.9
 * and, where IPv6 is on, 2001:db8::1 to ::9, beside its 198.51.100.2.
 */
final class AccessHost implements AutoCloseable {
  static final LearnedNames.Lifetime LONG = LearnedNames.Lifetime.USUAL;

  private final TestHost host;
  private final BridgeSetup.Made made;
  private final StepAccess access;
  private final NetworkThread machine = new NetworkThread(new LibcNetworkKernel(), null);
  private final List<Step> steps = new ArrayList<>();
  private final List<DatagramSocket> sockets = new ArrayList<>();
  private final BridgeConfig config;
  private int offset = 1;

  AccessHost(Path dir, String ceiling, LearnedNames.Lifetime names) throws Exception {
    this(dir, ceiling, names, Addresses.Ipv6.OFF);
  }

  AccessHost(Path dir, String ceiling, LearnedNames.Lifetime names, Addresses.Ipv6 ipv6)
      throws Exception {
    host = new TestHost();
    TestHost.sh(
        host.outside(),
        "for i in 1 2 3 4 5 6 7 8 9; do ip addr add 192.0.2.$i/32 dev lo;"
            + " ip -6 addr add 2001:db8::$i/128 dev lo; done;"
            + " ip -6 addr add 2001:db8:1::2/64 dev eth0 nodad");
    TestHost.sh(
        host.host(),
        "ip -6 addr add 2001:db8:1::1/64 dev up0 nodad; ip -6 route add default via 2001:db8:1::2");
    var addresses = new Addresses(List.of(Subnet.parse("10.89.0.0/16")), ipv6, 1000, 0);
    config =
        new BridgeConfig(
            dir.resolve("root"),
            dir.resolve("run"),
            "nft",
            addresses,
            Links.USUAL,
            Isolation.USUAL);
    java.nio.file.Files.createDirectories(dir.resolve("run"));
    made = host.thread().run(scope -> new BridgeSetup(config).make(scope, List.of()));
    var settings = new StepAccess.Settings(rules(ceiling), new EgressPolicies.Timing(0, names));
    access =
        host.thread()
            .run(
                scope ->
                    StepAccess.open(
                        scope,
                        config.bridgeName(),
                        made,
                        host.thread(),
                        task -> Thread.ofVirtual().start(task),
                        settings));
  }

  static EgressRules rules(String text) {
    return text.isEmpty() ? EgressRules.NONE : EgressRules.parse(List.of(text));
  }

  TestHost host() {
    return host;
  }

  StepAccess access() {
    return access;
  }

  BridgeSetup.Made made() {
    return made;
  }

  /** A step with egress rules. */
  Step step(String egress) throws IOException {
    return step(egress, List.of());
  }

  /** A step with ports of the host. */
  Step stepWithPorts(String... ports) throws IOException {
    return step("", Arrays.stream(ports).map(HostPorts::parse).toList());
  }

  Step step(String egress, List<HostPorts> ports) throws IOException {
    int mine = ++offset;
    var network =
        host.thread()
            .run(
                scope -> {
                  var connected = made.bridge().connect(scope, mine);
                  made.elements().add(scope, mine);
                  return connected;
                });
    var plan = new NetworkPlan(DnsSettings.NONE, rules(egress), ports);
    var step = new Step(mine, network, access.open(mine, plan, network));
    steps.add(step);
    return step;
  }

  /** A step's namespace and what it may reach. */
  final class Step {
    private final int offset;
    private final Descriptor network;
    private final StepAccess.Step access;

    private Step(int offset, Descriptor network, StepAccess.Step access) {
      this.offset = offset;
      this.network = network;
      this.access = access;
    }

    StepAccess.Step access() {
      return access;
    }

    String path() {
      return network.path().toString();
    }

    /** Tells the rules what a name was found to mean. */
    void learn(String name, int ttlSeconds, String... addresses) {
      access
          .names()
          .learned(name, Arrays.stream(addresses).map(InetAddress::ofLiteral).toList(), ttlSeconds);
    }

    /** {@code open}, or {@code refused} at once. */
    String tcp(String address, int port) {
      long start = System.nanoTime();
      try {
        host.connect(path(), address, port);
        return "open";
      } catch (java.net.SocketTimeoutException e) {
        return "silent";
      } catch (IOException e) {
        return System.nanoTime() - start < 1_500_000_000L ? "refused" : "late";
      }
    }

    /** A connection that stays. */
    Socket socket(String address, int port) throws IOException {
      var socket = machine.run(scope -> scope.inside(network, () -> unconnected()));
      socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), 3000);
      return socket;
    }

    /** What an echo server says, {@code refused} at once, or {@code silent}. */
    String udp(String address, int port) throws IOException {
      try (var socket =
          machine.run(scope -> scope.inside(network, () -> new DatagramSocket(null)))) {
        socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
        socket.setSoTimeout(1500);
        try {
          byte[] hello = "hello".getBytes(StandardCharsets.UTF_8);
          socket.send(new DatagramPacket(hello, hello.length));
          var answer = new DatagramPacket(new byte[100], 100);
          socket.receive(answer);
          return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
        } catch (java.net.SocketTimeoutException e) {
          return "silent";
        } catch (IOException e) {
          return "refused";
        }
      }
    }

    String ping(String address) throws Exception {
      return TestHost.sh(path(), "busybox ping -c 1 -W 1 " + address + " 2>&1 || true")
              .contains(" 0% packet loss")
          ? "open"
          : "refused";
    }

    /** {@code TCP 192.0.2.1 80 deny=* 1}, one for each, sorted. */
    List<String> refusals() throws IOException {
      return access.refusals().stream().map(Step::text).sorted().toList();
    }

    private static String text(Refusal refusal) {
      var address = refusal.address();
      return "%s %s %d %s%s"
          .formatted(
              refusal.protocol(),
              address == null ? "" : address.getHostAddress(),
              refusal.port(),
              refusal.rule(),
              refusal.egress() ? " (egress)" : "");
    }

    void close() throws IOException {
      network.close();
      AccessHost.this.access.gone(List.of(offset));
    }
  }

  /** A socket of its own in the namespace the thread is in. */
  private static Socket unconnected() throws IOException {
    var socket = new Socket();
    socket.bind(new InetSocketAddress("0.0.0.0", 0));
    return socket;
  }

  /** A server outside. */
  ServerSocket listen(String address, int port) throws IOException {
    return machine.run(
        scope ->
            scope.inside(
                host.outside(), () -> new ServerSocket(port, 5, InetAddress.ofLiteral(address))));
  }

  /** An echo server that says who asked. */
  void echo(Descriptor network, String address, int port) throws IOException {
    var socket =
        machine.run(
            scope ->
                scope.inside(
                    network, () -> new DatagramSocket(port, InetAddress.ofLiteral(address))));
    sockets.add(socket);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  var packet = new DatagramPacket(new byte[100], 100);
                  socket.receive(packet);
                  byte[] who =
                      packet.getAddress().getHostAddress().getBytes(StandardCharsets.UTF_8);
                  socket.send(new DatagramPacket(who, who.length, packet.getSocketAddress()));
                }
              } catch (IOException e) {
                // The end of the test.
              }
            });
  }

  /** The whole table as nft prints it. */
  String table() throws Exception {
    return TestHost.sh(host.host(), "nft list table inet " + config.tableName());
  }

  @Override
  public void close() throws IOException {
    sockets.forEach(DatagramSocket::close);
    for (var step : steps) {
      step.network.close();
    }
    access.close();
    host.thread().run(scope -> new BridgeSetup(config).remove(scope));
    made.rules().close();
    machine.close();
    host.close();
  }
}
