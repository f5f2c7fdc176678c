package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

final class HostNetworkTest extends NetworkProviderContract {
  @Override
  protected NetworkProvider provider() {
    return new HostNetwork();
  }

  @Override
  protected NetMode mode() {
    return NetMode.HOST;
  }

  @Test
  @DisplayName("S13 S25 S39 host mode has no namespace, no address and the host's own resolver")
  void hostModeAddsNothing() {
    var handle = new HostNetwork().open(new NetworkRequest("one", NetworkPlan.NONE));
    assertNull(handle.namespacePath());
    assertNull(handle.resolvConf());
    assertEquals(List.of(), handle.addresses());
  }
}
