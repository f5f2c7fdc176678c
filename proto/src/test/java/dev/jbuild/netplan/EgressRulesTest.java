package dev.jbuild.netplan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.EgressRule.Anyone;
import dev.jbuild.netplan.EgressRule.Name;
import dev.jbuild.netplan.EgressRule.Network;
import dev.jbuild.netplan.EgressRule.PortRange;
import dev.jbuild.netplan.EgressRule.Protocol;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class EgressRulesTest {
  private static final String FORMS =
      "; want allow= or deny= and a name, an address, a subnet or *, then :port or :first-last and"
          + " /tcp, /udp or /icmp where it is about them: allow=example.org:443,"
          + " allow=10.0.0.0/8:5432/tcp, deny=*";

  @ParameterizedTest
  @ValueSource(
      strings = {
        "allow=example.org",
        "allow=example.org:443",
        "allow=example.org:443/tcp",
        "deny=*.example.org:1-65535/udp",
        "allow=_svc.example.org/icmp",
        "allow=10.0.0.0/8",
        "allow=10.0.0.0/8:5432",
        "allow=10.0.0.0/8:5432/tcp",
        "allow=10.0.0.0/8/tcp",
        "allow=0.0.0.0/0",
        "allow=192.0.2.1/icmp",
        "allow=192.0.2.1:80-90/udp",
        "deny=[2001:db8::/32]",
        "deny=[2001:db8::/32]:80",
        "deny=[2001:db8::/32]:80-90/udp",
        "deny=[2001:db8::/32]/tcp",
        "deny=[::/0]",
        "allow=[2001:db8:0:1::7]:443",
        "deny=*",
        "deny=*:25",
        "deny=*/icmp"
      })
  void writtenFormIsPrintedAgain(String text) {
    var rule = EgressRule.parse(text);
    assertEquals(text, rule.toString());
    assertEquals(rule, EgressRule.parse(rule.toString()));
  }

  @Test
  void partsOfARuleAreRead() {
    assertEquals(
        new EgressRule(true, new Name("example.org", false), new PortRange(443, 443), null),
        EgressRule.parse("allow=Example.ORG.:443"));
    assertEquals(
        new EgressRule(false, new Name("example.org", true), null, null),
        EgressRule.parse("deny=*.example.org"));
    assertEquals(
        new EgressRule(
            true,
            new Network(InetAddress.ofLiteral("10.0.0.0"), 8),
            new PortRange(80, 90),
            Protocol.TCP),
        EgressRule.parse("allow=10.0.0.0/8:80-90/tcp"));
    assertEquals(
        new EgressRule(
            true, new Network(InetAddress.ofLiteral("2001:db8::1"), 128), null, Protocol.UDP),
        EgressRule.parse("allow=[2001:db8::1]/udp"));
    assertEquals(
        new EgressRule(false, new Anyone(), null, Protocol.ICMP), EgressRule.parse("deny=*/icmp"));
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "\"\"|it begins with ''",
        "example.org|it begins with 'example.org'",
        "permit=example.org|it begins with 'permit'",
        "Allow=example.org|it begins with 'Allow'",
        "allow=|'' is neither a name nor an address",
        "allow=:80|'' is neither a name nor an address",
        "allow=*.|'*.' is neither a name nor an address",
        "allow=*.*|'*.*' is neither a name nor an address",
        "allow=a..b|'a..b' is neither a name nor an address",
        "allow=-a.b|'-a.b' is neither a name nor an address",
        "allow=\u212aa.b|'\u212aa.b' is neither a name nor an address",
        "allow= a.b|' a.b' is neither a name nor an address",
        "allow=10.1|'10.1' is neither a name nor an address",
        "allow=256.0.0.1|'256.0.0.1' is neither a name nor an address",
        "allow=10.0.0/8|'10.0.0/8' is neither a name nor an address",
        "allow=example.org/8|'example.org/8' is neither a name nor an address",
        "allow=[10.0.0.1]|'[10.0.0.1]' is neither a name nor an address",
        "allow=[example.org]|'[example.org]' is neither a name nor an address",
        "allow=[fe80::1%1]|'[fe80::1%1]' is neither a name nor an address",
        "allow=[::ffff:10.0.0.1]|'[::ffff:10.0.0.1]' is neither a name nor an address",
        "allow=[]|'[]' is neither a name nor an address",
        "allow=2001:db8::1|an IPv6 address stands in brackets",
        "allow=example.org:443:444|an IPv6 address stands in brackets",
        "allow=example.org:|'' is no port from 1 to 65535",
        "allow=example.org:http|'http' is no port from 1 to 65535",
        "allow=example.org:0|'0' is no port from 1 to 65535",
        "allow=example.org:65536|'65536' is no port from 1 to 65535",
        "allow=example.org:1-|'' is no port from 1 to 65535",
        "allow=example.org:90-80|the ports 90-80 go backwards",
        "allow=example.org/sctp|'sctp' is no protocol",
        "allow=example.org:80/TCP|'TCP' is no protocol",
        "allow=example.org/tcp:80|'example.org/tcp' is neither a name nor an address",
        "allow=example.org:80/icmp|icmp has no ports",
        "allow=10.0.0.0/33|'33' is no prefix length up to 32",
        "allow=10.0.0.0/8x|'8x' is no prefix length up to 32",
        "allow=10.0.0.0/|'' is no prefix length up to 32",
        "allow=[2001:db8::/129]|'129' is no prefix length up to 128",
        "allow=10.0.0.1/8|the subnet has host bits set"
      })
  void unreadableRuleIsNamedWithItsReason(String text, String why) {
    var failure = assertThrows(BuildException.class, () -> EgressRule.parse(text));
    assertEquals(Code.INVALID, failure.code());
    assertEquals("egress rule '" + text + "': " + why + FORMS, failure.getMessage());
  }

  @Test
  void namesMatchWithoutRegardToCaseAndFinalDot() {
    var exact = new Name("example.org", false);
    assertTrue(exact.matches("Example.ORG."));
    assertFalse(exact.matches("www.example.org"));
    assertFalse(exact.matches("notexample.org"));
    var below = new Name("example.org", true);
    assertTrue(below.matches("a.b.EXAMPLE.org."));
    assertFalse(below.matches("example.org"));
    assertFalse(below.matches("notexample.org"));
  }

  @Test
  void rulesAreSeparatedByCommasOrGivenOneByOne() {
    var rules = EgressRules.parse(List.of("allow=a.org:443, deny=10.0.0.0/8", "deny=*"));
    assertEquals("allow=a.org:443,deny=10.0.0.0/8,deny=*", rules.toString());
    assertEquals(rules, EgressRules.parse(List.of(rules.toString())));
  }

  @Test
  void emptyRuleAmongOthersIsRefused() {
    var failure =
        assertThrows(BuildException.class, () -> EgressRules.parse(List.of("allow=a.org,")));
    assertEquals("egress rule '': it begins with ''" + FORMS, failure.getMessage());
  }

  @Test
  void tooManyRulesAreRefused() {
    var many = Collections.nCopies(257, "deny=*");
    var failure = assertThrows(BuildException.class, () -> EgressRules.parse(many));
    assertEquals("egress: want at most 256 rules, got 257", failure.getMessage());
  }

  @Test
  void restIsRefusedOnlyWhereSomethingIsAllowed() {
    assertTrue(EgressRules.NONE.allowsRest());
    assertTrue(EgressRules.NONE.isEmpty());
    assertTrue(EgressRules.parse(List.of("deny=10.0.0.0/8")).allowsRest());
    assertFalse(EgressRules.parse(List.of("deny=10.0.0.0/8,allow=a.org")).allowsRest());
  }

  @Test
  void wrongValuesAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new PortRange(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new PortRange(2, 1));
    assertThrows(IllegalArgumentException.class, () -> new PortRange(1, 65_536));
    assertThrows(IllegalArgumentException.class, () -> new Name("Example.org", false));
    assertThrows(
        IllegalArgumentException.class, () -> new Network(InetAddress.ofLiteral("10.0.0.1"), 8));
    assertThrows(
        IllegalArgumentException.class,
        () -> new EgressRule(true, new Anyone(), new PortRange(1, 1), Protocol.ICMP));
  }

  @Test
  void randomTextIsReadAgainAsPrintedOrRefused() {
    String[] pieces = {
      "allow", "deny", "=", "*", ".", "example", "org", "10.0.0.0", "/", "8", "[", "]", "::",
      "2001:db8", ":", "443", "-", "tcp", "udp", "icmp", "_", " ", "%", "\u00e9", "0", "\0"
    };
    long seed = System.nanoTime();
    var random = new Random(seed);
    int readable = 0;
    for (int i = 0; i < 50_000; i++) {
      var text = new StringBuilder(random.nextInt(4) == 0 ? "" : "allow=");
      for (int n = random.nextInt(8); n >= 0; n--) {
        text.append(pieces[random.nextInt(pieces.length)]);
      }
      try {
        var rule = EgressRule.parse(text.toString());
        assertEquals(rule, EgressRule.parse(rule.toString()), () -> text + ", seed " + seed);
        readable++;
      } catch (BuildException refused) {
        assertEquals(Code.INVALID, refused.code());
      }
    }
    assertTrue(readable > 0);
  }
}
