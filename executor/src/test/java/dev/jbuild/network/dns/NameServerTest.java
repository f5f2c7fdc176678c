package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.ledger.Lookup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** What a step is answered, with resolvers on loopback. */
final class NameServerTest {
  private static final InetAddress GATEWAY = InetAddress.ofLiteral("127.0.0.1");
  private static final String STEP = "127.0.1.1";

  @TempDir private Path dir;

  private NameServer server(int port) {
    return new NameServer(
        new NameServerConfig(
            new ProcessSockets(), dir.resolve("resolv.conf"), DnsSettings.NONE, port, 200));
  }

  private static DnsSettings servers(String... addresses) {
    return DnsSettings.parse(List.of(addresses), List.of(), List.of());
  }

  private static NameClient register(NameServer server, DnsSettings settings) {
    return server.register(List.of(InetAddress.ofLiteral(STEP)), settings, NameWatch.NONE);
  }

  @Test
  void theResolversAnswerComesBackAndIsNoted() throws IOException {
    try (var resolver = FakeResolver.start("127.0.0.1", FakeResolver.records("A 192.0.2.7"));
        var server = server(resolver.port());
        var asker = new Asker(STEP, GATEWAY, server.listen(List.of(GATEWAY)));
        var client = register(server, servers("127.0.0.1"))) {
      var answer = asker.udp("www.Example.org", "A");
      assertEquals(Rcode.NOERROR, answer.getRcode());
      assertEquals("192.0.2.7", answer.getSection(Section.ANSWER).getFirst().rdataToString());
      assertEquals(
          List.of(
              new Lookup("www.example.org", "A", List.of("192.0.2.7"), "NOERROR", "127.0.0.1", 1)),
          client.lookups());
      assertEquals(Map.of(InetAddress.ofLiteral("192.0.2.7"), "www.example.org"), client.names());
      assertEquals(List.of("udp www.Example.org."), resolver.asked());
    }
  }
}
