package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What steps with egress rules reach, with real sockets. */
@Tag("root")
final class EgressTest {
  @TempDir private Path dir;
  private final List<AccessHost> opened = new ArrayList<>();

  private AccessHost open(String ceiling, LearnedNames.Lifetime names) throws Exception {
    return open(ceiling, names, Addresses.Ipv6.OFF);
  }

  private AccessHost open(String ceiling, LearnedNames.Lifetime names, Addresses.Ipv6 ipv6)
      throws Exception {
    var host = new AccessHost(dir, ceiling, names, ipv6);
    opened.add(host);
    for (int last = 1; last <= 3; last++) {
      for (int port : new int[] {80, 443}) {
        host.host().serve(host.host().outside(), "192.0.2." + last, port);
        host.echo(host.host().outside(), "192.0.2." + last, port);
      }
    }
    return host;
  }

  @AfterEach
  void end() throws IOException {
    for (var host : opened) {
      host.close();
    }
  }

  @Test
  void nameIsReachedOnceItIsLearnt() throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step("allow=example.org:443,deny=*");
    assertEquals("refused", step.tcp("192.0.2.1", 443));
    step.learn("example.org", 300, "192.0.2.1", "2001:db8::1");
    assertEquals("open", step.tcp("192.0.2.1", 443));
    assertEquals("refused", step.tcp("192.0.2.1", 80));
    assertEquals("refused", step.tcp("192.0.2.2", 443));
    assertEquals(
        List.of(
            "TCP 192.0.2.1 443 deny=* (egress)",
            "TCP 192.0.2.1 80 deny=* (egress)",
            "TCP 192.0.2.2 443 deny=* (egress)"),
        step.refusals());
  }

  @Test
  void wildcardMeansNamesBelowAlone() throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step("allow=*.example.org");
    step.learn("a.b.example.org", 300, "192.0.2.1");
    step.learn("example.org", 300, "192.0.2.2");
    step.learn("other.org", 300, "192.0.2.3");
    assertEquals("open", step.tcp("192.0.2.1", 443));
    assertEquals("refused", step.tcp("192.0.2.2", 443));
    assertEquals("refused", step.tcp("192.0.2.3", 443));
    assertEquals(
        List.of(
            "TCP 192.0.2.2 443 no rule allows it (egress)",
            "TCP 192.0.2.3 443 no rule allows it (egress)"),
        step.refusals());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "allow=192.0.2.1|open refused open refused open refused",
        "allow=192.0.2.0/31|open refused open refused open refused",
        "allow=192.0.2.1:80|open refused refused refused refused refused",
        "allow=192.0.2.1:80-442/tcp|open refused refused refused refused refused",
        "allow=192.0.2.1:80-443/tcp|open refused open refused refused refused",
        "allow=192.0.2.1/tcp|open refused open refused refused refused",
        "allow=192.0.2.1/icmp|refused refused refused refused open refused",
        "deny=192.0.2.1|refused open refused open refused open",
        "deny=*:80|refused refused open open open open",
        "deny=*/icmp|open open open open refused refused",
        "deny=192.0.2.1:80,allow=192.0.2.0/24|refused open open open open open",
        "allow=192.0.2.0/24,deny=192.0.2.1:80|open open open open open open",
        "deny=0.0.0.0/0/tcp|refused refused refused refused open open",
        "deny=*|refused refused refused refused refused refused",
        "allow=*|open open open open open open",
        "deny=[2001:db8::/32]|open open open open open open"
      })
  void firstRuleThatFitsDecides(String rules, String expected) throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step(rules);
    assertEquals(
        expected,
        String.join(
            " ",
            step.tcp("192.0.2.1", 80),
            step.tcp("192.0.2.2", 80),
            step.tcp("192.0.2.1", 443),
            step.tcp("192.0.2.2", 443),
            step.ping("192.0.2.1"),
            step.ping("192.0.2.2")));
  }

  @Test
  void portsWithoutProtocolAreTcpAndUdp() throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step("allow=192.0.2.1:80,allow=192.0.2.2:80/udp,allow=192.0.2.3/icmp");
    assertEquals("open", step.tcp("192.0.2.1", 80));
    assertEquals(TestHost.UPLINK, step.udp("192.0.2.1", 80));
    assertEquals("refused", step.udp("192.0.2.1", 443));
    assertEquals("refused", step.ping("192.0.2.1"));
    assertEquals("refused", step.tcp("192.0.2.2", 80));
    assertEquals(TestHost.UPLINK, step.udp("192.0.2.2", 80));
    assertEquals("open", step.ping("192.0.2.3"));
    assertEquals(
        List.of(
            "ICMP 192.0.2.1 0 no rule allows it (egress)",
            "TCP 192.0.2.2 80 no rule allows it (egress)",
            "UDP 192.0.2.1 443 no rule allows it (egress)"),
        step.refusals());
  }

  @Test
  void refusedNameRuleNamesItself() throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step("deny=bad.example.org,allow=*");
    assertEquals("open", step.tcp("192.0.2.1", 80));
    step.learn("bad.example.org", 300, "192.0.2.1");
    assertEquals("refused", step.tcp("192.0.2.1", 80));
    assertEquals("open", step.tcp("192.0.2.2", 80));
    assertEquals(List.of("TCP 192.0.2.1 80 deny=bad.example.org (egress)"), step.refusals());
  }

  @Test
  void configuredRulesHoldBesideTheBuilds() throws Exception {
    var host = open("allow=192.0.2.0/31:80,allow=*.example.org", AccessHost.LONG);
    var free = host.step("");
    assertEquals("open", free.tcp("192.0.2.1", 80));
    assertEquals("refused", free.tcp("192.0.2.1", 443));
    assertEquals("refused", free.tcp("192.0.2.2", 80));
    free.learn("www.example.org", 300, "192.0.2.2");
    assertEquals("open", free.tcp("192.0.2.2", 80));
    var bound = host.step("deny=192.0.2.1");
    assertEquals("refused", bound.tcp("192.0.2.1", 80));
    assertEquals("refused", bound.tcp("192.0.2.3", 80));
    bound.learn("a.example.org", 300, "192.0.2.3");
    assertEquals("open", bound.tcp("192.0.2.3", 80));
    assertEquals(
        List.of(
            "TCP 192.0.2.1 443 no rule allows it (configured) (egress)",
            "TCP 192.0.2.2 80 no rule allows it (configured) (egress)"),
        free.refusals());
    assertEquals(
        List.of(
            "TCP 192.0.2.1 80 deny=192.0.2.1 (egress)",
            "TCP 192.0.2.3 80 no rule allows it (configured) (egress)"),
        bound.refusals());
  }

  @Test
  void namesAreRefusedByConfiguredAndBuildsRules() throws Exception {
    var host = open("allow=*.example.org,deny=*", AccessHost.LONG);
    var names = host.step("allow=a.example.org,allow=other.org").access().names();
    assertNull(names.refusal("a.example.org"));
    assertEquals("no rule allows it", names.refusal("b.example.org"));
    assertEquals("deny=* (configured)", names.refusal("other.org"));
  }

  @Test
  void buildsWithDifferentRulesDoNotMeet() throws Exception {
    var host = open("", AccessHost.LONG);
    var one = host.step("allow=one.org,deny=*");
    var two = host.step("allow=two.org,deny=*");
    var alsoOne = host.step("allow=one.org,deny=*");
    one.learn("one.org", 300, "192.0.2.1");
    one.learn("two.org", 300, "192.0.2.2");
    two.learn("one.org", 300, "192.0.2.1");
    assertEquals("open", one.tcp("192.0.2.1", 80));
    assertEquals("open", alsoOne.tcp("192.0.2.1", 80));
    assertEquals("refused", two.tcp("192.0.2.1", 80));
    assertEquals("refused", one.tcp("192.0.2.2", 80));
    assertEquals(1, host.table().split("chain policy_1 ").length - 1);
    assertEquals(List.of("TCP 192.0.2.2 80 deny=* (egress)"), one.refusals());
    assertEquals(List.of("TCP 192.0.2.1 80 deny=* (egress)"), two.refusals());
    assertEquals(List.of(), alsoOne.refusals());
  }

  @Test
  void learntAddressesEndButOpenConnectionsGoOn() throws Exception {
    var host = open("", new LearnedNames.Lifetime(300, 200));
    var step = host.step("allow=example.org");
    step.learn("example.org", 0, "192.0.2.1");
    assertEquals("open", step.tcp("192.0.2.1", 80));
    try (var server = host.listen("192.0.2.1", 90);
        var client = step.socket("192.0.2.1", 90);
        var peer = server.accept()) {
      TestHost.await("the address ends", () -> step.tcp("192.0.2.1", 80).equals("refused"));
      client.getOutputStream().write('x');
      peer.setSoTimeout(3000);
      assertEquals('x', peer.getInputStream().read());
    }
    step.learn("example.org", 0, "192.0.2.1");
    assertEquals("open", step.tcp("192.0.2.1", 80));
  }

  @Test
  void answerGivenAgainProlongsTheTime() throws Exception {
    var host = open("", new LearnedNames.Lifetime(60_000, 0));
    var step = host.step("allow=example.org");
    step.learn("example.org", 60, "192.0.2.1");
    step.learn("example.org", 3600, "192.0.2.1", "192.0.2.1", "192.0.2.2");
    String table = host.table();
    assertTrue(table.contains("192.0.2.1 timeout 1h "), table);
    assertTrue(table.contains("192.0.2.2 timeout 1h "), table);
    step.learn("example.org", 60, "192.0.2.1");
    assertTrue(host.table().contains("192.0.2.1 timeout 1h "));
  }

  @Test
  void manyAddressesAreLearntAtOnce() throws Exception {
    var host = open("", AccessHost.LONG);
    var step = host.step("allow=example.org");
    var many = new String[500];
    for (int i = 0; i < many.length; i++) {
      many[i] = "203.0." + (i / 250) + "." + (1 + i % 250);
    }
    many[499] = "192.0.2.1";
    step.learn("example.org", 300, many);
    assertEquals("open", step.tcp("192.0.2.1", 80));
  }

  @Test
  void nothingIsLeftAfterTheLastStep() throws Exception {
    var host = open("", AccessHost.LONG);
    String before = host.table();
    var one = host.step("allow=one.org:80,deny=192.0.2.2,deny=*");
    var two = host.step("allow=one.org:80,deny=192.0.2.2,deny=*");
    one.learn("one.org", 300, "192.0.2.1", "2001:db8::1");
    one.close();
    assertEquals("open", two.tcp("192.0.2.1", 80));
    assertNotEquals(steplessly(before), steplessly(host.table()));
    two.close();
    TestHost.await(
        "chains and sets are gone",
        () -> {
          try {
            return steplessly(before).equals(steplessly(host.table()));
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
    var again = host.step("allow=one.org:80,deny=192.0.2.2,deny=*");
    assertEquals("refused", again.tcp("192.0.2.1", 80));
  }

  /** Without what makes namespaces known, which is not ours to remove. */
  private static String steplessly(String table) {
    return table.replaceAll("(?s)(set steps4 \\{[^}]*?)\\s+elements = \\{.*?\\}", "$1");
  }

  @Test
  void rulesTakenAwayComeBackWithAllThatStepsHave() throws Exception {
    var host = open("deny=192.0.2.3", AccessHost.LONG);
    var step = host.step("allow=one.org,allow=192.0.2.2:80,allow=192.0.2.3");
    step.learn("one.org", 300, "192.0.2.1");
    TestHost.sh(host.host().host(), "nft flush ruleset");
    host.host()
        .thread()
        .run(
            scope -> {
              assertTrue(host.made().rules().restore(scope));
              host.made().elements().add(scope, 2);
              host.access().restore();
              return true;
            });
    assertEquals("open", step.tcp("192.0.2.1", 443));
    assertEquals("open", step.tcp("192.0.2.2", 80));
    assertEquals("refused", step.tcp("192.0.2.2", 443));
    assertEquals("refused", step.tcp("192.0.2.3", 80));
  }

  @Test
  void hostAndMetadataRefusalsAreRecordedToo() throws Exception {
    var host = open("", AccessHost.LONG);
    host.host().serve(host.host().host(), "0.0.0.0", 8080);
    var step = host.step("");
    assertEquals("refused", step.tcp(TestHost.UPLINK, 8080));
    assertEquals("refused", step.tcp("10.89.0.1", 8080));
    assertEquals("refused", step.tcp("169.254.169.254", 80));
    assertEquals("refused", step.tcp("10.89.0.77", 80));
    assertEquals(
        List.of(
            "TCP 10.89.0.1 8080 the host",
            "TCP 10.89.0.77 80 another step",
            "TCP 169.254.169.254 80 link-local and metadata addresses",
            "TCP 198.51.100.1 8080 the host"),
        step.refusals());
  }

  @Test
  void refusalsAreThereAtOnceAndForgottenWithTheStep() throws Exception {
    var host = open("", AccessHost.LONG);
    for (int i = 0; i < 20; i++) {
      var step = host.step("deny=192.0.2.1");
      assertEquals("refused", step.tcp("192.0.2.1", 80));
      assertEquals(List.of("TCP 192.0.2.1 80 deny=192.0.2.1 (egress)"), step.refusals());
      step.close();
      assertEquals(List.of(), step.refusals());
    }
  }

  @Test
  void ipv6IsBoundByTheSameRules() throws Exception {
    var host = open("", AccessHost.LONG, Addresses.Ipv6.ON);
    host.host().serve(host.host().outside(), "2001:db8::1", 80);
    host.host().serve(host.host().outside(), "2001:db8::2", 80);
    var step = host.step("allow=example.org:80,allow=[2001:db8::2]/icmp,deny=*");
    assertEquals("refused", step.tcp("2001:db8::1", 80));
    step.learn("example.org", 300, "2001:db8::1");
    assertEquals("open", step.tcp("2001:db8::1", 80));
    assertEquals("refused", step.tcp("2001:db8::2", 80));
    assertEquals("open", step.ping("2001:db8::2"));
    assertEquals("refused", step.ping("2001:db8::1"));
    assertFalse(step.refusals().isEmpty());
    assertEquals(
        List.of(
            "ICMP 2001:db8:0:0:0:0:0:1 0 deny=* (egress)",
            "TCP 2001:db8:0:0:0:0:0:1 80 deny=* (egress)",
            "TCP 2001:db8:0:0:0:0:0:2 80 deny=* (egress)"),
        step.refusals());
  }
}
