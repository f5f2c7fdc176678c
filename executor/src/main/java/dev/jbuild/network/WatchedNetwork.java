package dev.jbuild.network;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.ledger.Lookup;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Peer;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import dev.jbuild.network.meter.Reading;
import dev.jbuild.network.meter.StepMeter;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A network with a meter at it: its report says what both know. */
final class WatchedNetwork implements NetworkHandle {
  static final String HOST_NAMES =
      "names are not listed: with the host's network the host's own resolver answers";

  private static final int DNS = 53;

  private final NetworkHandle network;
  private final StepMeter meter;
  private volatile String left = "";

  /** Both become this one's to close. */
  WatchedNetwork(NetworkHandle network, StepMeter meter) {
    this.network = network;
    this.meter = meter;
  }

  @Override
  public NetMode mode() {
    return network.mode();
  }

  @Override
  public @Nullable String namespacePath() {
    return network.namespacePath();
  }

  @Override
  public @Nullable String resolvConf() {
    return network.resolvConf();
  }

  @Override
  public List<String> addresses() {
    return network.addresses();
  }

  @Override
  public List<String> hostGateway() {
    return network.hostGateway();
  }

  @Override
  public List<HostPorts> hostPorts() {
    return network.hostPorts();
  }

  @Override
  public @Nullable Path group() {
    return meter.group();
  }

  @Override
  public String notice() {
    return network.notice();
  }

  @Override
  public void leaveGroup(String why) {
    left = why;
  }

  @Override
  public NetworkReport report() throws IOException {
    var known = network.report();
    var reading = left.isEmpty() ? meter.read() : new Reading(false, List.of(), List.of(left));
    var notSeen = new ArrayList<>(known.notSeen());
    notSeen.removeIf(String::isEmpty);
    if (mode() == NetMode.HOST) {
      notSeen.add(HOST_NAMES);
    }
    notSeen.addAll(reading.notSeen());
    var names = names(known.lookups());
    var peers = new ArrayList<Peer>();
    boolean reachesHost = false;
    for (var peer : reading.peers()) {
      boolean granted = isGranted(peer);
      reachesHost |= granted;
      if (granted || isTold(peer, known.refusals())) {
        peers.add(named(peer, names.getOrDefault(peer.address(), "")));
      }
    }
    var refusals = new ArrayList<Refusal>();
    for (var refusal : known.refusals()) {
      refusals.add(named(refusal, names));
    }
    return new NetworkReport(
        mode(), reading.quiet() && !reachesHost, known.lookups(), peers, refusals, notSeen);
  }

  /**
   * Talking to oneself is nobody's business, but to get no answer may explain a failure. Our own
   * resolver is told by the lookups, and what a rule refused by the refusals.
   */
  private boolean isTold(Peer peer, List<Refusal> refusals) {
    if (mode() == NetMode.HOST) {
      return true;
    }
    if (isOwn(peer.address())) {
      return peer.state() != Peer.State.ANSWERED;
    }
    boolean gateway = hostGateway().contains(peer.address().getHostAddress());
    boolean resolver = gateway && peer.port() == DNS;
    // The message that says so comes from the gateway.
    boolean refusing = gateway && peer.protocol() == Protocol.ICMP && !refusals.isEmpty();
    return !resolver
        && !refusing
        && (peer.state() == Peer.State.ANSWERED
            || refusals.stream()
                .noneMatch(
                    refusal ->
                        peer.address().equals(refusal.address())
                            && peer.port() == refusal.port()
                            && peer.protocol() == refusal.protocol()));
  }

  /** The step's own address too leads to itself. */
  private boolean isOwn(InetAddress address) {
    return address.isLoopbackAddress()
        || addresses().stream().anyMatch(own -> InetAddress.ofLiteral(own).equals(address));
  }

  /** Whether somebody on the loopback is really the host. */
  private boolean isGranted(Peer peer) {
    return peer.address().isLoopbackAddress()
        && !peer.incoming()
        && (peer.protocol() == Protocol.TCP || peer.protocol() == Protocol.UDP)
        && hostPorts().stream()
            .anyMatch(ports -> ports.first() <= peer.port() && peer.port() <= ports.last());
  }

  /** The last name that was asked for stands for an address. */
  private static Map<InetAddress, String> names(List<Lookup> lookups) {
    var names = new HashMap<InetAddress, String>();
    for (var lookup : lookups) {
      if (lookup.type().equals("A") || lookup.type().equals("AAAA")) {
        for (String answer : lookup.answers()) {
          try {
            names.put(InetAddress.ofLiteral(answer), lookup.name());
          } catch (IllegalArgumentException notAnAddress) {
            // Another name on the way to the address.
          }
        }
      }
    }
    return names;
  }

  private static Refusal named(Refusal refusal, Map<InetAddress, String> names) {
    return refusal.address() == null || !refusal.name().isEmpty()
        ? refusal
        : new Refusal(
            refusal.protocol(),
            refusal.address(),
            refusal.port(),
            names.getOrDefault(refusal.address(), ""),
            refusal.rule(),
            refusal.egress(),
            refusal.count());
  }

  private static Peer named(Peer peer, String name) {
    return name.isEmpty() || !peer.name().isEmpty()
        ? peer
        : new Peer(
            peer.protocol(),
            peer.address(),
            peer.port(),
            name,
            peer.bytesSent(),
            peer.bytesReceived(),
            peer.state(),
            peer.incoming());
  }

  @Override
  public void close() throws IOException {
    try (network) {
      meter.close();
    }
  }
}
