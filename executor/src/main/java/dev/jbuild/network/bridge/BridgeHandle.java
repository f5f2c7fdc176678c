package dev.jbuild.network.bridge;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.NetworkRequest;
import dev.jbuild.network.dns.NameClient;
import dev.jbuild.network.ledger.NetworkReport;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A step's namespace with its addresses and names. */
final class BridgeHandle implements NetworkHandle {
  private final NetworkRequest request;
  private final StandingBridge bridge;
  private final NamespacePool.Ready ready;
  private final NameClient names;
  private final AtomicBoolean open = new AtomicBoolean(true);

  BridgeHandle(
      NetworkRequest request, StandingBridge bridge, NamespacePool.Ready ready, NameClient names) {
    this.request = request;
    this.bridge = bridge;
    this.ready = ready;
    this.names = names;
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
    return names.resolvConf();
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
    var refusals = new ArrayList<>(names.refusals());
    var notSeen = new ArrayList<String>();
    int missed = names.lookupsNotKept();
    if (missed > 0) {
      notSeen.add(missed + " more lookups of names are not listed");
    }
    return new NetworkReport(mode(), false, names.lookups(), List.of(), refusals, notSeen);
  }

  /** Closing the namespace takes the pair along; deleting a link would cost 33 ms. */
  @Override
  public void close() {
    if (open.compareAndSet(true, false)) {
      names.close();
      bridge.leave(ready);
    }
  }
}
