package dev.jbuild.network.ledger;

import dev.jbuild.llb.NetMode;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Builds reports for tests: each call adds one thing. */
public final class Reports {
  private final NetMode mode;
  private boolean quiet;
  private final List<Lookup> lookups = new ArrayList<>();
  private final List<Peer> peers = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();
  private final List<String> notSeen = new ArrayList<>();

  private Reports(NetMode mode) {
    this.mode = mode;
  }

  public static Reports in(NetMode mode) {
    return new Reports(mode);
  }

  public Reports quiet() {
    quiet = true;
    return this;
  }

  public Reports notSeen(String why) {
    notSeen.add(why);
    return this;
  }

  public Reports lookup(String name, String type, String outcome, String resolver) {
    lookups.add(new Lookup(name, type, List.of(), outcome, resolver, 1));
    return this;
  }

  public Reports found(String name, String type, String answer) {
    lookups.add(new Lookup(name, type, List.of(answer), "NOERROR", "10.0.0.2", 1));
    return this;
  }

  public Reports tcp(String address, int port, Peer.State state) {
    return peer(Protocol.TCP, address, port, "", 60, 40, state);
  }

  public Reports peer(
      Protocol protocol,
      String address,
      int port,
      String name,
      long sent,
      long received,
      Peer.State state) {
    var to = InetAddress.ofLiteral(address);
    peers.add(new Peer(protocol, to, port, name, sent, received, state, false));
    return this;
  }

  public Reports incoming(String address) {
    var from = InetAddress.ofLiteral(address);
    peers.add(new Peer(Protocol.TCP, from, 0, "", 10, 20, Peer.State.ANSWERED, true));
    return this;
  }

  public Reports refused(Protocol protocol, String address, int port, String name, String rule) {
    var to = InetAddress.ofLiteral(address);
    refusals.add(new Refusal(protocol, to, port, name, rule, isEgress(rule), 1));
    return this;
  }

  public Reports refusedName(String name, String rule) {
    refusals.add(new Refusal(Protocol.OTHER, null, 0, name, rule, true, 1));
    return this;
  }

  private static boolean isEgress(String rule) {
    return rule.indexOf('=') > 0 || rule.startsWith(Refusal.NOT_ALLOWED);
  }

  public NetworkReport build() {
    return new NetworkReport(mode, quiet, lookups, peers, refusals, notSeen);
  }
}
