package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.ExecMeta.HostIp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.NetworkHandle;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NameFilesTest {
  private static final HostIp GATEWAY = new HostIp("db", "host-gateway");

  private record Network(
      NetMode mode, List<String> addresses, List<String> hostGateway, List<HostPorts> hostPorts)
      implements NetworkHandle {
    @Override
    public String namespacePath() {
      return "/proc/self/ns/net";
    }

    @Override
    public String resolvConf() {
      return "";
    }

    @Override
    public void close() {}
  }

  private static Network bridge(HostPorts... ports) {
    return new Network(
        NetMode.SANDBOX,
        List.of("10.89.0.2", "fd00::2"),
        List.of("10.89.0.1", "fd00::1"),
        List.of(ports));
  }

  private static String hosts(NetworkHandle network, HostIp... extra) throws IOException {
    var meta =
        new ExecMeta(
            List.of("true"),
            List.of(),
            "/",
            "",
            ExecMeta.ProxyEnv.NONE,
            List.of(extra),
            "",
            List.of(),
            "",
            false,
            List.of());
    return NameFiles.hosts(meta, network, "buildkitsandbox");
  }

  @Test
  void theHostsAddressHasALineForEachFamily() throws IOException {
    assertEquals(
        """
        127.0.0.1\tlocalhost
        ::1\tlocalhost ip6-localhost ip6-loopback
        10.89.0.2\tbuildkitsandbox
        fd00::2\tbuildkitsandbox
        10.89.0.1\tdb
        fd00::1\tdb
        192.0.2.7\tweb
        """,
        hosts(bridge(), GATEWAY, new HostIp("web", "192.0.2.7")));
  }

  @Test
  void withPortsOfTheHostLocalhostIsIpv4Alone() throws IOException {
    assertEquals(
        """
        127.0.0.1\tlocalhost
        ::1\tip6-localhost ip6-loopback
        10.89.0.2\tbuildkitsandbox
        fd00::2\tbuildkitsandbox
        """,
        hosts(bridge(HostPorts.parse("127.0.0.1:5432"))));
  }

  @Test
  void aStepWithoutNetworkHasNoAddressOfTheHost() throws IOException {
    assertEquals(
        """
        127.0.0.1\tlocalhost buildkitsandbox
        ::1\tlocalhost ip6-localhost ip6-loopback
        # no host-gateway in this network for db
        """,
        hosts(new Network(NetMode.NONE, List.of(), List.of(), List.of()), GATEWAY));
  }

  @Test
  void inTheHostsNetworkTheHostIsItsLoopback() throws IOException {
    var host = new Network(NetMode.HOST, List.of(), List.of("127.0.0.1"), List.of());
    String text = hosts(host, GATEWAY);
    assertTrue(text.endsWith("\n127.0.0.1\tdb\n"), text);
  }
}
