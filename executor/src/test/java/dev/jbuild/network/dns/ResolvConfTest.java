package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.ledger.Lookup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Whose resolvers and settings count, and what the host's file says. */
final class ResolvConfTest {
  @TempDir private Path dir;

  private Path file() {
    return dir.resolve("resolv.conf");
  }

  private DnsSettings read(String text) throws IOException {
    Files.writeString(file(), text);
    return new HostFile(file()).settings();
  }

  private static DnsSettings settings(
      List<String> servers, List<String> search, String... options) {
    return DnsSettings.parse(servers, search, List.of(options));
  }

  private String resolvConf(String host, DnsSettings configured, DnsSettings build)
      throws IOException {
    Files.writeString(file(), host);
    try (var server = Stage.server(file(), configured, 53)) {
      server.listen(List.of(Stage.GATEWAY, InetAddress.ofLiteral("::1")));
      try (var client = server.register(List.of(), build, NameWatch.NONE)) {
        return client.resolvConf();
      }
    }
  }

  @Test
  void theHostsFileIsUnderstood() throws IOException {
    assertEquals(
        settings(
            List.of("127.0.0.53", "2001:db8::1", "fe80::1%1", "127.0.0.1"),
            List.of("a.example", "b.example"),
            "ndots:2",
            "rotate",
            "edns0"),
        read(
            """
            # comment
            ; comment
            domain ignored.example
              nameserver\t127.0.0.53\s
            nameserver 2001:db8::1
            nameserver fe80::1%1
            nameserver 0.0.0.0
            nameserver nonsense
            nameserver
            search  a.example   b.example
            options ndots:2 rotate
            options edns0
            nonsense
            """));
  }

  @Test
  void theLastOfDomainAndSearchCounts() throws IOException {
    assertEquals(List.of("b.example"), read("search a.example\ndomain b.example c").search());
  }

  @Test
  void aMissingFileSaysNothing() {
    assertEquals(DnsSettings.NONE, new HostFile(file()).settings());
  }

  @Test
  void aHugeFileIsReadInPart() throws IOException {
    var found = read("nameserver 192.0.2.1\n".repeat(100_000));
    assertEquals(16, found.servers().size());
  }

  @Test
  void aStepIsToldTheGatewaysAndTheHostsNames() throws IOException {
    assertEquals(
        """
        nameserver 127.0.0.1
        nameserver 0:0:0:0:0:0:0:1
        search a.example b.example
        options ndots:2 edns0
        """,
        resolvConf(
            """
            nameserver 192.0.2.1
            search a.example b.example
            options ndots:2 timeout:1 attempts:1 rotate edns0
            """,
            DnsSettings.NONE,
            DnsSettings.NONE));
  }

  @Test
  void theBuildComesBeforeTheConfigurationAndThatBeforeTheHost() throws IOException {
    assertEquals(
        """
        nameserver 127.0.0.1
        nameserver 0:0:0:0:0:0:0:1
        search build.example
        options timeout:3
        """,
        resolvConf(
            "nameserver 192.0.2.1\nsearch host.example\noptions ndots:9\n",
            settings(List.of(), List.of("conf.example"), "timeout:3"),
            settings(List.of(), List.of("build.example"))));
  }

  @Test
  void withoutListeningThereIsNoText() throws IOException {
    try (var server = Stage.server(file(), DnsSettings.NONE, 53);
        var client = server.register(List.of(), DnsSettings.NONE, NameWatch.NONE)) {
      assertThrows(IllegalStateException.class, client::resolvConf);
    }
  }

  @Test
  void listeningTwiceIsABug() throws IOException {
    try (var server = Stage.server(file(), DnsSettings.NONE, 53)) {
      server.listen(List.of(Stage.GATEWAY));
      assertThrows(IllegalStateException.class, () -> server.listen(List.of(Stage.GATEWAY)));
    }
  }

  @Test
  void resolversHaveBoundsAndAnOrder() {
    var many = IntStream.range(0, 20).mapToObj(i -> "192.0.2." + i / 2).toList();
    var resolvers = Resolvers.of(settings(many, List.of(), "timeout:99", "attempts:77"), 53, 2000);
    assertEquals(8, resolvers.servers().size());
    assertEquals(new InetSocketAddress("192.0.2.1", 53), resolvers.servers().get(1));
    assertEquals(10_000, resolvers.tryMillis());
    assertEquals(5, resolvers.attempts());
    var odd = Resolvers.of(settings(List.of(), List.of(), "timeout:0", "attempts:x"), 53, 2000);
    assertEquals(new Resolvers(List.of(), 2000, 2, false), odd);
  }

  @Test
  void theBuildsServersAreAskedInsteadOfTheHosts() throws IOException {
    var host = FakeResolver.start("127.0.0.1", FakeResolver.records("A 192.0.2.1"));
    var build = FakeResolver.start("127.0.0.2", host.port(), FakeResolver.code(Rcode.NXDOMAIN));
    Files.writeString(file(), "nameserver 127.0.0.1\n");
    try (host;
        build;
        var server = Stage.server(file(), DnsSettings.NONE, host.port());
        var asker = new Asker(Stage.STEP, Stage.GATEWAY, server.listen(List.of(Stage.GATEWAY)));
        var client =
            server.register(
                List.of(InetAddress.ofLiteral(Stage.STEP)),
                settings(List.of("127.0.0.2"), List.of()),
                NameWatch.NONE)) {
      assertEquals(Rcode.NXDOMAIN, asker.udp("a.example", "A").getRcode());
      assertEquals(0, host.count());
      assertEquals("127.0.0.2", client.lookups().getFirst().resolver());
    }
  }

  /** Names of two networks: the search list leads to the resolver's inner names. */
  @Test
  void splitNamesAreFoundByTheSearchList() throws IOException {
    FakeResolver.Script script =
        (question, tcp) -> {
          boolean inside =
              new Message(question).getQuestion().getName().toString().endsWith(".corp.example.");
          return inside
              ? FakeResolver.answer(question, it -> {}, "A 10.9.9.9").toWire()
              : FakeResolver.answer(question, it -> it.getHeader().setRcode(Rcode.NXDOMAIN))
                  .toWire();
        };
    var resolver = FakeResolver.start("127.0.0.1", script);
    Files.writeString(file(), "nameserver 127.0.0.1\nsearch corp.example\n");
    try (resolver;
        var server = Stage.server(file(), DnsSettings.NONE, resolver.port());
        var asker = new Asker(Stage.STEP, Stage.GATEWAY, server.listen(List.of(Stage.GATEWAY)));
        var client =
            server.register(
                List.of(InetAddress.ofLiteral(Stage.STEP)), DnsSettings.NONE, NameWatch.NONE)) {
      assertEquals("nameserver 127.0.0.1\nsearch corp.example\n", client.resolvConf());
      assertEquals(Rcode.NXDOMAIN, asker.udp("git", "A").getRcode());
      assertEquals(Rcode.NOERROR, asker.udp("git.corp.example", "A").getRcode());
      assertEquals(
          List.of(
              new Lookup("git", "A", List.of(), "NXDOMAIN", "127.0.0.1", 1),
              new Lookup("git.corp.example", "A", List.of("10.9.9.9"), "NOERROR", "127.0.0.1", 1)),
          client.lookups());
    }
  }

  @Test
  void aChangeOfTheHostsFileIsSeenAtOnce() throws IOException {
    var one = FakeResolver.start("127.0.0.1", FakeResolver.records("A 192.0.2.1"));
    var two = FakeResolver.start("127.0.0.2", one.port(), FakeResolver.records("A 192.0.2.2"));
    Files.writeString(file(), "nameserver 127.0.0.1\n");
    try (one;
        two;
        var server = Stage.server(file(), DnsSettings.NONE, one.port());
        var asker = new Asker(Stage.STEP, Stage.GATEWAY, server.listen(List.of(Stage.GATEWAY)));
        var client =
            server.register(
                List.of(InetAddress.ofLiteral(Stage.STEP)), DnsSettings.NONE, NameWatch.NONE)) {
      assertEquals("192.0.2.1", address(asker));
      var fresh = Files.writeString(dir.resolve("new"), "nameserver 127.0.0.2\n");
      Files.move(fresh, file(), StandardCopyOption.REPLACE_EXISTING);
      assertEquals("192.0.2.2", address(asker));
      Files.delete(file());
      assertEquals(Rcode.SERVFAIL, asker.udp("a.example", "A").getRcode());
      assertEquals("NO RESOLVER", client.lookups().getFirst().outcome());
    }
  }

  private static String address(Asker asker) throws IOException {
    return asker.udp("a.example", "A").getSection(Section.ANSWER).getFirst().rdataToString();
  }
}
