package dev.jbuild.network.bridge;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.dns.NameClient;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.Refusal;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A step's namespace with its addresses and names. */
final class BridgeHandle implements NetworkHandle {
  private final NetworkRequest request;
  private final StandingBridge bridge;
  private final NamespacePool.Ready ready;
  private final Eyes eyes;
  private final AtomicBoolean open = new AtomicBoolean(true);

  /**
   * Who knows what the step does.
   *
   * @param names what it looks up
   * @param access what it is refused
   */
  record Eyes(NameClient names, StepAccess.Step access) {}

  BridgeHandle(
      NetworkRequest request, StandingBridge bridge, NamespacePool.Ready ready, Eyes eyes) {
    this.request = request;
    this.bridge = bridge;
    this.ready = ready;
    this.eyes = eyes;
  }

  @Override
  public NetMode mode() {
    return NetMode.SANDBOX;
  }

  @Override
  public String namespacePath() {
    return ready.network().path().toString();
  }

  @Override
  public String resolvConf() {
    return eyes.names().resolvConf();
  }

  @Override
  public List<String> addresses() {
    return texts(bridge.host().addresses(ready.offset()));
  }

  @Override
  public List<String> hostGateway() {
    return texts(bridge.host().gateways());
  }

  private static List<String> texts(List<InetAddress> addresses) {
    return addresses.stream().map(InetAddress::getHostAddress).toList();
  }

  @Override
  public List<HostPorts> hostPorts() {
    return request.plan().hostPorts();
  }

  /** Lookups and refusals; who was really reached is for others to see. */
  @Override
  public NetworkReport report() throws IOException {
    var names = eyes.names();
    var known = names.names();
    var refusals = new ArrayList<>(names.refusals());
    for (var refusal : eyes.access().refusals()) {
      refusals.add(named(refusal, known));
    }
    int missed = names.lookupsNotKept();
    List<String> notSeen =
        missed == 0 ? List.of() : List.of(missed + " more lookups of names are not listed");
    return new NetworkReport(mode(), false, names.lookups(), List.of(), refusals, notSeen);
  }

  private static Refusal named(Refusal refusal, Map<InetAddress, String> names) {
    var address = refusal.address();
    String name = address == null ? null : names.get(address);
    return name == null || !refusal.name().isEmpty()
        ? refusal
        : new Refusal(
            refusal.protocol(),
            address,
            refusal.port(),
            name,
            refusal.rule(),
            refusal.egress(),
            refusal.count());
  }

  /** Closing the namespace takes the pair along; deleting a link would cost 33 ms. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      eyes.names().close();
      bridge.leave(ready);
    }
  }
}
