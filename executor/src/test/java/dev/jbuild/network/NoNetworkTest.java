package dev.jbuild.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.NetworkPlan;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("root")
final class NoNetworkTest extends NetworkProviderContract {
  @Override
  protected NetworkProvider provider() throws Exception {
    return new NoNetwork(closeLater(new TestHost()).thread());
  }

  @Override
  protected NetMode mode() {
    return NetMode.NONE;
  }

  @Test
  @DisplayName("S37 none has lo alone, no route, no way out")
  void noneHasLoopbackAlone() throws Exception {
    var host = closeLater(new TestHost());
    host.serve(host.host(), "0.0.0.0", 8080);
    try (var handle =
        new NoNetwork(host.thread()).open(new NetworkRequest("one", NetworkPlan.NONE))) {
      String path = Objects.requireNonNull(handle.namespacePath());
      assertEquals(List.of("lo"), interfaces(path));
      assertTrue(TestHost.sh(path, "ip -br addr").matches("lo +UNKNOWN +127.0.0.1/8 ::1/128 *\n"));
      assertEquals("", TestHost.sh(path, "ip route; ip -6 route | grep -v '^::1 ' || true"));
      assertThrows(IOException.class, () -> host.connect(path, TestHost.UPLINK, 8080));
      assertThrows(IOException.class, () -> host.connect(path, TestHost.OUTSIDE, 80));
      host.serve(path, "127.0.0.1", 8080);
      assertEquals("127.0.0.1", host.connect(path, "127.0.0.1", 8080));
    }
  }

  static List<String> interfaces(String path) throws Exception {
    return TestHost.sh(path, "ip -o link | awk -F': ' '{print $2}'").lines().toList();
  }
}
