package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Lookup;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host in a namespace, with a stub resolver on its loopback, asked from outside by dig. */
@Tag("root")
final class RealClientsTest {
  @TempDir private Path dir;
  private TestHost host;
  private final List<AutoCloseable> opened = new ArrayList<>();
  private NameClient client;
  private int port;

  @BeforeEach
  void serve() throws Exception {
    host = new TestHost();
    TestHost.assumeProgram("dig");
    String[] many = IntStream.range(0, 100).mapToObj(i -> "A 192.0.2." + i).toArray(String[]::new);
    FakeResolver.Script script =
        (question, tcp) ->
            FakeResolver.answer(
                    question,
                    answer -> {},
                    question[13] == 'm' ? many : new String[] {"A 192.0.2.7"})
                .toWire(65_535);
    // Not started on the thread that is in the namespace: a virtual thread's carrier would stay.
    var stub = host.thread().run(scope -> FakeResolver.open("127.0.0.53", 5353, script));
    opened.add(stub.serve());
    var file = Files.writeString(dir.resolve("resolv.conf"), "nameserver 127.0.0.53\n");
    var sockets = new NamespaceSockets(host.thread());
    var server = new NameServer(new NameServerConfig(sockets, file, DnsSettings.NONE, 5353, 2_000));
    opened.add(server);
    port = server.listen(List.of(InetAddress.ofLiteral(TestHost.UPLINK)));
    client =
        server.register(
            List.of(InetAddress.ofLiteral(TestHost.OUTSIDE)), DnsSettings.NONE, NameWatch.NONE);
    opened.add(client);
  }

  @AfterEach
  void end() throws Exception {
    for (AutoCloseable each : opened.reversed()) {
      each.close();
    }
    host.close();
  }

  private String dig(String arguments) throws Exception {
    return TestHost.sh(host.outside(), "dig @" + TestHost.UPLINK + " -p " + port + " " + arguments);
  }

  @Test
  void aStubOnTheHostsLoopbackIsReached() throws Exception {
    assertEquals("192.0.2.7\n", dig("+short www.example A"));
    assertEquals("192.0.2.7\n", dig("+short +tcp www.example A"));
    assertEquals(
        List.of(new Lookup("www.example", "A", List.of("192.0.2.7"), "NOERROR", "127.0.0.53", 2)),
        client.lookups());
  }

  @Test
  void aLongAnswerIsFetchedByTcp() throws Exception {
    assertEquals(100, dig("+short +bufsize=512 many.example A").lines().count());
    assertEquals(2, client.lookups().getFirst().count());
    assertEquals(100, dig("+short +noedns many.example A").lines().count());
  }

  @Test
  void aStrangerIsRefused() throws Exception {
    TestHost.sh(host.outside(), "ip addr add 198.51.100.77/24 dev eth0");
    assertTrue(dig("-b 198.51.100.77 www.example A").contains("status: REFUSED"));
  }
}
