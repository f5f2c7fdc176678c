package dev.jbuild.network.diagnosis;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.NetMode;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.network.diagnosis.HostListeners.Listener;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import dev.jbuild.network.ledger.Reports;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DiagnosisTest {
  private final List<Listener> host = new ArrayList<>();
  private boolean readable = true;

  private String hints(Reports reports, HostPorts... granted) {
    HostListeners listeners =
        () -> {
          if (!readable) {
            throw new IOException("no table");
          }
          return host;
        };
    return String.join("\n", new Diagnosis(listeners).hints(reports.build(), List.of(granted)));
  }

  private void listens(String address, int port) {
    host.add(new Listener(Protocol.TCP, InetAddress.ofLiteral(address), port));
  }

  private static Reports isolated() {
    return Reports.in(NetMode.SANDBOX);
  }

  private static Reports localhostRefused(NetMode mode) {
    return Reports.in(mode).tcp("127.0.0.1", 5432, State.REFUSED);
  }

  @Test
  void cleanReportHasNoHint() {
    listens("127.0.0.1", 5432);

    assertEquals("", hints(isolated().tcp("192.0.2.7", 443, State.ANSWERED)));
    assertEquals("", hints(isolated().quiet()));
    assertEquals("", hints(Reports.in(NetMode.NONE).quiet()));
    assertEquals("", hints(Reports.in(NetMode.HOST).notSeen("nothing was seen")));
  }

  @Test
  void servicesOfTheHostAreFound() {
    listens("127.0.0.1", 5432);

    assertEquals(
        "connection refused to localhost:5432 inside the isolated network; the host listens on"
            + " 127.0.0.1:5432: add '--allow network.host=127.0.0.1:5432' or '--network=host'",
        hints(localhostRefused(NetMode.SANDBOX).tcp("::1", 5432, State.REFUSED)));
  }

  @Test
  void serviceOfAllTheHostsAddressesIsGrantedAtItsLoopback() {
    listens("::", 5432);
    listens("192.0.2.1", 5432);

    assertEquals(
        "connection refused to localhost:5432 inside the isolated network; the host listens on"
            + " [::]:5432: add '--allow network.host=127.0.0.1:5432' or '--network=host'",
        hints(localhostRefused(NetMode.SANDBOX)));
  }

  @Test
  void serviceOfTheHostsIpv6LoopbackIsGrantedThere() {
    listens("::1", 5432);

    assertEquals(
        "connection refused to localhost:5432 inside the isolated network; the host listens on"
            + " [::1]:5432: add '--allow network.host=[::1]:5432' or '--network=host'",
        hints(localhostRefused(NetMode.SANDBOX)));
  }

  @Test
  void nothingListensAnywhere() {
    listens("127.0.0.1", 5433);
    listens("192.0.2.1", 5432);

    assertEquals(
        "connection refused to localhost:5432 inside the isolated network, and nothing listens"
            + " there on the host either",
        hints(localhostRefused(NetMode.SANDBOX)));
  }

  @Test
  void hostThatCannotBeReadIsNotSpokenOf() {
    readable = false;

    assertEquals(
        "connection refused to localhost:5432 inside the isolated network: nothing listens there",
        hints(localhostRefused(NetMode.SANDBOX)));
    assertEquals("", hints(localhostRefused(NetMode.HOST)));
    assertEquals(
        "connection to 192.0.2.1:80 refused: isolated steps do not reach the host",
        hints(isolated().refused(Protocol.TCP, "192.0.2.1", 80, "", Refusal.HOST)));
  }

  @Test
  void oneLoopbackAddressThatAnswersIsEnough() {
    listens("127.0.0.1", 5432);

    assertEquals("", hints(localhostRefused(NetMode.SANDBOX).tcp("::1", 5432, State.ANSWERED)));
  }

  @Test
  void grantedPortWithoutAService() {
    assertEquals(
        "connection refused to localhost:5432, which is granted: nothing listens on the host at"
            + " 127.0.0.1:5432",
        hints(localhostRefused(NetMode.SANDBOX), HostPorts.parse("127.0.0.1:5000-5999")));
    listens("0.0.0.0", 5432);
    assertEquals(
        "", hints(localhostRefused(NetMode.SANDBOX), HostPorts.parse("127.0.0.1:5000-5999")));
  }

  @Test
  void hostModeWithoutAService() {
    assertEquals(
        "connection refused to localhost:5432: nothing listens there on the host",
        hints(localhostRefused(NetMode.HOST)));
    listens("0.0.0.0", 5432);
    assertEquals("", hints(localhostRefused(NetMode.HOST)));
  }

  @Test
  void noNetworkAndAServiceOfTheHost() {
    listens("127.0.0.1", 5432);

    assertEquals(
        "connection refused to localhost:5432 inside the step, which has no network"
            + " (--network=none); the host listens on 127.0.0.1:5432: use the default network"
            + " with '--allow network.host=127.0.0.1:5432', or '--network=host'",
        hints(localhostRefused(NetMode.NONE).quiet()));
  }

  @Test
  void attemptsWithoutANetwork() {
    assertEquals(
        "the step has no network (--network=none)",
        hints(Reports.in(NetMode.NONE).tcp("192.0.2.1", 80, State.SILENT)));
    assertEquals("the step has no network (--network=none)", hints(Reports.in(NetMode.NONE)));
    assertEquals("", hints(Reports.in(NetMode.NONE).notSeen("steps cannot be watched here")));
  }

  @Test
  void lookupsWithoutANetwork() {
    assertEquals(
        "names cannot be resolved: the step has no network (--network=none)",
        hints(
            Reports.in(NetMode.NONE)
                .peer(Protocol.UDP, "127.0.0.1", 53, "", 60, 0, State.SILENT)
                .quiet()));
  }

  @Test
  void namesThatFailed() {
    assertEquals(
        """
        name nosuch.example not found: the resolver 10.0.0.2 says that it does not exist (NXDOMAIN)
        name broken.example not resolved: the resolver 10.0.0.2 failed (SERVFAIL)
        name shy.example not resolved: the resolver 10.0.0.2 refused to answer (REFUSED)
        name slow.example not resolved: the resolver 10.0.0.2 did not answer in time
        name mail.example has no address: the resolver 10.0.0.2 knows no A or AAAA record of it\
        """,
        hints(
            isolated()
                .lookup("nosuch.example", "A", "NXDOMAIN", "10.0.0.2")
                .lookup("broken.example", "A", "SERVFAIL", "10.0.0.2")
                .lookup("shy.example", "A", "REFUSED", "10.0.0.2")
                .lookup("slow.example", "A", "TIMEOUT", "10.0.0.2")
                .lookup("mail.example", "A", "NOERROR", "10.0.0.2")));
  }

  @Test
  void nobodyListensAtTheResolver() {
    assertEquals(
        "name example.org not resolved: nobody listens at port 53 of the resolver 10.0.0.2",
        hints(isolated().lookup("example.org", "A", "UNREACHABLE", "10.0.0.2")));
  }

  @Test
  void noResolver() {
    assertEquals(
        "name example.org not resolved: there is no resolver; it comes from the host's"
            + " /etc/resolv.conf, from '--dns <address>' or from [dns] of the daemon's"
            + " configuration",
        hints(isolated().lookup("example.org", "A", "NO RESOLVER", "")));
  }

  @Test
  void egressRulesAreNamedWithWhatAllowsIt() {
    assertEquals(
        """
        connection to 10.0.0.1:25 (mail.example) refused by the egress rule deny=*: add '--egress\
         allow=mail.example:25' before it
        udp packets to [2001:db8::1]:53 refused by the egress rule deny=*: add '--egress\
         allow=[2001:db8::1]:53' before it
        icmp packets to 2001:db8::1 refused by the egress rule deny=*: add '--egress\
         allow=[2001:db8::1]/icmp' before it
        connection to 192.0.2.1:80 refused: no egress rule allows it: add '--egress\
         allow=192.0.2.1:80'
        name example.org not resolved: refused by the egress rule deny=*: add '--egress\
         allow=example.org' before it\
        """,
        hints(
            isolated()
                .refused(Protocol.TCP, "10.0.0.1", 25, "mail.example", "deny=*")
                .refused(Protocol.UDP, "2001:db8::1", 53, "", "deny=*")
                .refused(Protocol.ICMP, "2001:db8::1", 0, "", "deny=*")
                .refused(Protocol.TCP, "192.0.2.1", 80, "", Refusal.NOT_ALLOWED)
                .refusedName("example.org", "deny=*")));
  }

  @Test
  void ceilingIsTheDaemons() {
    assertEquals(
        """
        connection to 10.0.0.1:25 refused by the egress rule deny=10.0.0.0/8 of the daemon's\
         configuration, which a build cannot change
        connection to 192.0.2.1:80 refused: no egress rule of the daemon's configuration allows\
         it, which a build cannot change
        name example.org not resolved: no egress rule of the daemon's configuration allows it,\
         which a build cannot change\
        """,
        hints(
            isolated()
                .refused(Protocol.TCP, "10.0.0.1", 25, "", "deny=10.0.0.0/8" + Refusal.CEILING)
                .refused(Protocol.TCP, "192.0.2.1", 80, "", Refusal.NOT_ALLOWED + Refusal.CEILING)
                .refusedName("example.org", Refusal.NOT_ALLOWED + Refusal.CEILING)));
  }

  @Test
  void whatNoRuleOfABuildGrants() {
    assertEquals(
        """
        connection to 169.254.169.254:80 refused: isolated steps do not reach link-local and\
         metadata addresses; only '--network=host' does
        connection to 10.89.0.7:80 refused: steps do not reach each other
        connection to 10.1.2.3:80 refused: the daemon's configuration keeps isolated steps from\
         private addresses; only '--network=host' reaches them\
        """,
        hints(
            isolated()
                .refused(Protocol.TCP, "169.254.169.254", 80, "", Refusal.METADATA)
                .refused(Protocol.TCP, "10.89.0.7", 80, "", Refusal.ANOTHER_STEP)
                .refused(Protocol.TCP, "10.1.2.3", 80, "", Refusal.PRIVATE)));
  }

  @Test
  void hostsOwnAddressIsGrantedByPort() {
    var refused = isolated().refused(Protocol.TCP, "192.0.2.1", 80, "", Refusal.HOST);

    assertEquals(
        "connection to 192.0.2.1:80 refused: isolated steps do not reach the host, and nothing"
            + " listens there",
        hints(refused));
    listens("127.0.0.1", 80);
    assertEquals(
        "connection to 192.0.2.1:80 refused: isolated steps do not reach the host; it listens on"
            + " 127.0.0.1:80: add '--allow network.host=127.0.0.1:80' and connect to"
            + " localhost:80, or '--network=host'",
        hints(refused));
    listens("192.0.2.1", 80);
    assertEquals(
        "connection to 192.0.2.1:80 refused: isolated steps do not reach the host; it listens on"
            + " 192.0.2.1:80: add '--allow network.host=192.0.2.1:80' and connect to"
            + " localhost:80, or '--network=host'",
        hints(refused));
  }

  @Test
  void silenceCountsWhereNobodyAnswered() {
    assertEquals(
        "no answer from 192.0.2.7:443\nno answer from [2001:db8::7]:443 (example.org)",
        hints(
            isolated()
                .tcp("192.0.2.7", 443, State.SILENT)
                .peer(Protocol.TCP, "2001:db8::7", 443, "example.org", 80, 0, State.SILENT)
                .peer(Protocol.UDP, "192.0.2.9", 123, "", 80, 80, State.ANSWERED)));
    assertEquals(
        "",
        hints(
            isolated().tcp("192.0.2.7", 443, State.SILENT).tcp("192.0.2.8", 443, State.ANSWERED)));
  }

  @Test
  void refusedAttemptIsNotCalledSilent() {
    assertEquals(
        "connection to 10.89.0.7:80 refused: steps do not reach each other",
        hints(
            isolated()
                .tcp("10.89.0.7", 80, State.SILENT)
                .refused(Protocol.TCP, "10.89.0.7", 80, "", Refusal.ANOTHER_STEP)));
  }

  @Test
  void hintsAreBounded() {
    var many = isolated();
    for (int i = 0; i < 9; i++) {
      many.lookup("name" + i + ".example", "A", "NXDOMAIN", "10.0.0.2");
    }

    assertEquals(Diagnosis.MAX_HINTS, hints(many).lines().count());
  }
}
