package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What steps with ports of the host reach, with real sockets. */
@Tag("root")
final class HostPortsReachTest {
  @TempDir private Path dir;
  private AccessHost host;

  @BeforeEach
  void begin() throws Exception {
    host = new AccessHost(dir, "", AccessHost.LONG);
    TestHost.sh(host.host().host(), "ip addr add 192.0.2.77/32 dev lo");
  }

  @AfterEach
  void end() throws IOException {
    host.close();
  }

  private void serve(String address, int port) throws IOException {
    host.host().serve(host.host().host(), address, port);
    host.echo(host.host().host(), address, port);
  }

  private String routeLocalnet() throws Exception {
    return TestHost.sh(host.host().host(), "cat /proc/sys/net/ipv4/conf/jb????????/route_localnet")
        .strip();
  }

  @Test
  void grantedPortIsReachedAtLocalhostByTcpAndUdp() throws Exception {
    serve("127.0.0.1", 5432);
    var step = host.stepWithPorts("127.0.0.1:5432");
    assertEquals("127.0.0.1", host.host().connect(step.path(), "127.0.0.1", 5432));
    assertEquals("127.0.0.1", step.udp("127.0.0.1", 5432));
  }

  @Test
  void nothingElseOfTheHostIsReached() throws Exception {
    serve("0.0.0.0", 5431);
    serve("127.0.0.1", 5432);
    serve("0.0.0.0", 5433);
    var step = host.stepWithPorts("127.0.0.1:5432");
    assertEquals("open", step.tcp("127.0.0.1", 5432));
    for (int port : new int[] {5431, 5433}) {
      for (String address :
          List.of("127.0.0.1", "10.89.0.1", TestHost.UPLINK, "192.0.2.77", "127.0.0.2")) {
        assertEquals("refused", step.tcp(address, port), address);
        assertEquals("refused", step.udp(address, port), address);
      }
    }
    assertEquals("refused", step.tcp("192.0.2.77", 5432));
    assertEquals("refused", step.tcp("127.0.0.2", 5432));
    var other = host.step("");
    assertEquals("refused", other.tcp("127.0.0.1", 5432));
    assertEquals("refused", other.tcp("10.89.0.1", 5432));
    assertEquals(List.of("TCP 10.89.0.1 5432 the host"), other.refusals());
  }

  @Test
  void otherStepCannotAddressTheHostsLoopbackByItself() throws Exception {
    serve("127.0.0.1", 5432);
    host.stepWithPorts("127.0.0.1:5432");
    assertEquals("1", routeLocalnet());
    var hostile = host.step("");
    // What a privileged step could do: packets for 127.0.0.1 sent out of its link.
    TestHost.sh(
        hostile.path(),
        "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet;"
            + " ip route del local 127.0.0.0/8 table local; ip route del local 127.0.0.1 table local;"
            + " ip addr del 127.0.0.1/8 dev lo;"
            + " ip route add 127.0.0.1/32 via 10.89.0.1 dev eth0 onlink src 10.89.0.3");
    assertEquals("refused", hostile.tcp("127.0.0.1", 5432));
    assertEquals(List.of("TCP 127.0.0.1 5432 the host"), hostile.refusals());
  }

  @Test
  void rangesAndSeveralAddressesAreGiven() throws Exception {
    serve("127.0.0.1", 5000);
    serve("127.0.0.1", 5999);
    serve("127.0.0.1", 6000);
    serve("192.0.2.77", 80);
    var step = host.stepWithPorts("127.0.0.1:5000-5999", "192.0.2.77:80");
    assertEquals("127.0.0.1", host.host().connect(step.path(), "127.0.0.1", 5000));
    assertEquals("127.0.0.1", step.udp("127.0.0.1", 5999));
    assertEquals("refused", step.tcp("127.0.0.1", 6000));
    assertEquals("refused", step.tcp("127.0.0.1", 5500));
    assertEquals("10.89.0.2", host.host().connect(step.path(), "127.0.0.1", 80));
    assertEquals("10.89.0.2", step.udp("127.0.0.1", 80));
    assertEquals("refused", step.tcp("192.0.2.77", 80));
  }

  @Test
  void stepsWithDifferentPortsDoNotMeet() throws Exception {
    serve("127.0.0.1", 81);
    serve("127.0.0.1", 82);
    var one = host.stepWithPorts("127.0.0.1:81");
    var two = host.stepWithPorts("127.0.0.1:82");
    assertEquals("open", one.tcp("127.0.0.1", 81));
    assertEquals("refused", one.tcp("127.0.0.1", 82));
    assertEquals("open", two.tcp("127.0.0.1", 82));
    assertEquals("refused", two.tcp("127.0.0.1", 81));
  }

  @Test
  void grantsGoBesideEgressRules() throws Exception {
    serve("127.0.0.1", 81);
    host.host().serve(host.host().outside(), "192.0.2.1", 80);
    var step = host.step("deny=*", List.of(dev.jbuild.netplan.HostPorts.parse("127.0.0.1:81")));
    assertEquals("open", step.tcp("127.0.0.1", 81));
    assertEquals("refused", step.tcp("192.0.2.1", 80));
  }

  @Test
  void grantsEndWithTheStepAndTheSwitchGoesBack() throws Exception {
    serve("127.0.0.1", 81);
    assertEquals("0", routeLocalnet());
    var one = host.stepWithPorts("127.0.0.1:81");
    var two = host.stepWithPorts("127.0.0.1:81");
    assertEquals("1", routeLocalnet());
    one.close();
    assertEquals("1", routeLocalnet());
    assertEquals("open", two.tcp("127.0.0.1", 81));
    two.close();
    assertEquals("0", routeLocalnet());
    String table = host.table();
    assertEquals(-1, table.indexOf("10.89.0.2 . tcp"), table);
    assertEquals(-1, table.indexOf("10.89.0.3 . udp"), table);
  }

  @Test
  void stepsOwnServerAtAnotherPortIsItsOwn() throws Exception {
    serve("127.0.0.1", 81);
    var step = host.stepWithPorts("127.0.0.1:81");
    host.host().serve(step.path(), "127.0.0.1", 90);
    assertEquals("127.0.0.1", host.host().connect(step.path(), "127.0.0.1", 90));
  }
}
