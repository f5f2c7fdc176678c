package dev.jbuild.network.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.NetMode;
import dev.jbuild.network.ledger.Peer.State;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReportLinesTest {

  private static String text(Reports reports) {
    return String.join("\n", ReportLines.of(reports.build()));
  }

  @Test
  void tellsOfPeersWithMostBytesFirst() {
    assertEquals(
        """
        network: tcp 192.0.2.7:443 (example.org), 1.2 kB sent, 3.4 MB received
        network: tcp [2001:db8::1]:80, 999 B sent, 1.0 kB received
        network: icmp 192.0.2.9, 84 B sent, 84 B received
        network: udp 192.0.2.8:123, no answer, 76 B sent, 0 B received
        network: tcp 192.0.2.7:22, connection refused, 60 B sent, 0 B received
        network: other protocol 192.0.2.6, no answer, 50 B sent, 0 B received
        network: tcp from 10.89.0.1, 10 B sent, 20 B received\
        """,
        text(
            Reports.in(NetMode.SANDBOX)
                .incoming("10.89.0.1")
                .peer(Protocol.OTHER, "192.0.2.6", 0, "", 50, 0, State.SILENT)
                .peer(Protocol.TCP, "192.0.2.7", 22, "", 60, 0, State.REFUSED)
                .peer(Protocol.UDP, "192.0.2.8", 123, "", 76, 0, State.SILENT)
                .peer(Protocol.ICMP, "192.0.2.9", 0, "", 84, 84, State.ANSWERED)
                .peer(Protocol.TCP, "2001:db8::1", 80, "", 999, 1_000, State.ANSWERED)
                .peer(
                    Protocol.TCP,
                    "192.0.2.7",
                    443,
                    "example.org",
                    1_234,
                    3_400_000,
                    State.ANSWERED)));
  }

  @Test
  void tellsOfRefusals() {
    assertEquals(
        """
        network: refused tcp 10.0.0.1:25 by the egress rule deny=*
        network: refused tcp 10.0.0.1:25 (mail.example) by the egress rule deny=10.0.0.0/8 of the\
         daemon's configuration
        network: refused udp 192.0.2.1:53: no egress rule allows it
        network: refused icmp 192.0.2.1: no egress rule of the daemon's configuration allows it
        network: refused tcp 169.254.169.254:80: steps do not reach link-local and metadata\
         addresses
        network: refused tcp 10.89.0.7:80: steps do not reach another step
        network: refused the name example.org by the egress rule deny=*\
        """,
        text(
            Reports.in(NetMode.SANDBOX)
                .refused(Protocol.TCP, "10.0.0.1", 25, "", "deny=*")
                .refused(
                    Protocol.TCP,
                    "10.0.0.1",
                    25,
                    "mail.example",
                    "deny=10.0.0.0/8" + Refusal.CEILING)
                .refused(Protocol.UDP, "192.0.2.1", 53, "", Refusal.NOT_ALLOWED)
                .refused(Protocol.ICMP, "192.0.2.1", 0, "", Refusal.NOT_ALLOWED + Refusal.CEILING)
                .refused(Protocol.TCP, "169.254.169.254", 80, "", Refusal.METADATA)
                .refused(Protocol.TCP, "10.89.0.7", 80, "", Refusal.ANOTHER_STEP)
                .refusedName("example.org", "deny=*")));
  }

  @Test
  void tellsOfNamesThatFailedOncePerName() {
    assertEquals(
        """
        network: name nosuch.example not found (NXDOMAIN, asked 10.0.0.2)
        network: name broken.example not resolved (SERVFAIL, asked 10.0.0.2)
        network: name slow.example not resolved (TIMEOUT, asked 10.0.0.2)
        network: name lone.example not resolved (there is no resolver)
        network: name mail.example has no address (NOERROR, asked 10.0.0.2)\
        """,
        text(
            Reports.in(NetMode.HOST)
                .lookup("nosuch.example", "A", "NXDOMAIN", "10.0.0.2")
                .lookup("nosuch.example", "AAAA", "NXDOMAIN", "10.0.0.2")
                .lookup("broken.example", "A", "SERVFAIL", "10.0.0.2")
                .lookup("slow.example", "A", "TIMEOUT", "10.0.0.2")
                .lookup("lone.example", "A", "NO RESOLVER", "")
                .lookup("mail.example", "A", "NOERROR", "10.0.0.2")
                .lookup("mail.example", "AAAA", "NOERROR", "10.0.0.2")
                .found("good.example", "A", "192.0.2.1")
                .lookup("good.example", "AAAA", "NOERROR", "10.0.0.2")
                .lookup("srv.example", "SRV", "NOERROR", "10.0.0.2")));
  }

  @Test
  void namesWithSearchDomainsBehindAreNotToldOf() {
    assertEquals(
        "network: name nosuch.example not found (NXDOMAIN, asked 10.0.0.2)",
        text(
            Reports.in(NetMode.SANDBOX)
                .lookup("db.corp.example", "A", "NXDOMAIN", "10.0.0.2")
                .found("db", "A", "192.0.2.1")
                .lookup("nosuch.example", "A", "NXDOMAIN", "10.0.0.2")
                .lookup("nosuch.example.corp.example", "A", "NXDOMAIN", "10.0.0.2")));
  }

  @Test
  void nameThatARuleRefusedIsOneLine() {
    assertEquals(
        "network: refused the name example.org by the egress rule deny=*",
        text(
            Reports.in(NetMode.SANDBOX)
                .lookup("example.org", "A", "REFUSED", "")
                .refusedName("example.org", "deny=*")));
  }

  @Test
  void quietStepsAndThoseWithoutANetworkPrintNothing() {
    var none = Reports.in(NetMode.NONE).tcp("192.0.2.1", 80, State.SILENT);
    var quiet = Reports.in(NetMode.SANDBOX).tcp("127.0.0.1", 80, State.ANSWERED).quiet();

    assertEquals(List.of(), ReportLines.of(none.build()));
    assertEquals(List.of(), ReportLines.of(quiet.build()));
  }

  @Test
  void loopbackIsToldOfOnlyWhereItIsTheHosts() {
    assertEquals("", text(Reports.in(NetMode.SANDBOX).tcp("127.0.0.1", 80, State.REFUSED)));
    assertEquals(
        "network: tcp 127.0.0.1:80, 60 B sent, 40 B received",
        text(Reports.in(NetMode.SANDBOX).tcp("127.0.0.1", 80, State.ANSWERED)));
    assertEquals(
        "network: tcp 127.0.0.1:80, 60 B sent, 40 B received",
        text(Reports.in(NetMode.HOST).tcp("127.0.0.1", 80, State.ANSWERED)));
  }

  @Test
  void linesAreBounded() {
    var many = Reports.in(NetMode.SANDBOX);
    for (int i = 1; i <= 25; i++) {
      many.tcp("192.0.2." + i, 80, State.ANSWERED);
      many.refused(Protocol.TCP, "10.0.0." + i, 80, "", "deny=*");
      many.lookup("name" + i + ".example", "A", "NXDOMAIN", "10.0.0.2");
    }
    List<String> lines = ReportLines.of(many.build());

    assertEquals(63, lines.size());
    assertEquals("network: and 5 more names", lines.get(20));
    assertEquals("network: and 5 more refusals", lines.get(41));
    assertEquals("network: and 5 more peers", lines.get(62));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0 B",
    "999, 999 B",
    "1000, 1.0 kB",
    "999949, 999.9 kB",
    "999950, 1.0 MB",
    "9223372036854775807, 9.2 EB",
  })
  void amountsAreShort(long bytes, String text) {
    var one =
        Reports.in(NetMode.HOST).peer(Protocol.TCP, "192.0.2.1", 80, "", bytes, 0, State.ANSWERED);

    assertEquals("network: tcp 192.0.2.1:80, " + text + " sent, 0 B received", text(one));
  }
}
