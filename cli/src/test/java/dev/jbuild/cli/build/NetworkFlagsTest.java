package dev.jbuild.cli.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class NetworkFlagsTest {
  /** Attributes of one flag, given several times. */
  private static Map<String, String> attrs(String flag, String... values) {
    var attrs = new TreeMap<String, String>();
    NetworkAttrs.add(options(flag, List.of(values)), attrs);
    return attrs;
  }

  /** The option, and that daemons shall refuse it which do not know it. */
  private static Map<String, String> heeded(String option, String value) {
    return Map.of(option, value, "frontend.caps", "dev.jbuild.network");
  }

  private static NetworkOptions options(String flag, List<String> values) {
    return new NetworkOptions(
        flag.equals("network") ? values.getFirst() : null,
        only("add-host", flag, values),
        only("dns", flag, values),
        only("dns-search", flag, values),
        only("dns-option", flag, values),
        only("egress", flag, values),
        null);
  }

  private static List<String> only(String flag, String given, List<String> values) {
    return flag.equals(given) ? values : List.of();
  }

  private static void wrong(String flag, String value, String text) {
    var e = assertThrows(UsageException.class, () -> attrs(flag, value));
    assertEquals(text, e.getMessage());
  }

  private static void mode(String word, @Nullable String attr) {
    assertEquals(attr, attrs("network", word).get("force-network-mode"));
  }

  @Test
  void nothingSaidIsNoAttribute() {
    assertEquals(Map.of(), attrs("none of them"));
  }

  @Test
  void modesBecomeTheForcedMode() {
    mode("host", "host");
    mode("none", "none");
    mode("bridge", null);
    mode("default", null);
  }

  @Test
  void aContainersNetworkIsRefusedWithWhatToUseToday() {
    wrong(
        "network",
        "container:web",
        "--network: joining a container's network ('container:web') comes with networks by name and"
            + " is not offered yet; for a port that the container publishes on the host use --allow"
            + " network.host=127.0.0.1:PORT, for all of the host --network=host");
  }

  @Test
  void aNetworkByNameIsRefusedWithWhatToUseToday() {
    wrong(
        "network",
        "alpine-net",
        "--network: 'alpine-net' would be a network by name, and networks by name are not offered"
            + " yet; use default, bridge, host or none");
    wrong(
        "network",
        "hots",
        "--network: 'hots' would be a network by name, and networks by name are not offered yet,"
            + " did you mean 'host'?; use default, bridge, host or none");
    wrong(
        "network",
        "isolated",
        "--network: 'isolated' is a word of RUN; here the isolated network is 'bridge', the"
            + " default");
  }

  @Test
  void hostsTakeEitherSeparatorAndBrackets() {
    assertEquals(
        Map.of("add-hosts", "a=1.2.3.4,b=10.0.0.1,c=::1,d=fe80::1,e=::2"),
        attrs("add-host", "a:1.2.3.4", "b=10.0.0.1", "c:::1", "d=[fe80::1]", "e:[::2]"));
  }

  @Test
  void theHostsAddressIsLeftToTheDaemon() {
    assertEquals(
        Map.of("add-hosts", "db=host-gateway,web=host-gateway"),
        attrs("add-host", "db:host-gateway", "web=host-gateway"));
  }

  @Test
  void whatIsNoHostIsNamed() {
    wrong("add-host", "a", "--add-host: want name:ip or name=ip, got 'a'");
    wrong("add-host", "=1.2.3.4", "--add-host: want name:ip or name=ip, got '=1.2.3.4'");
    wrong(
        "add-host",
        "a:example.org",
        "--add-host: 'example.org' in 'a:example.org' is not an IP address, nor 'host-gateway' for"
            + " the host as the step sees it");
    wrong(
        "add-host",
        "a:10.1",
        "--add-host: '10.1' in 'a:10.1' is not an IP address, nor 'host-gateway' for the host as"
            + " the step sees it");
    wrong("add-host", "a b:1.2.3.4", "--add-host: 'a b' in 'a b:1.2.3.4' can not be a host's name");
  }

  @Test
  void resolversAreListsHoweverTheyAreGiven() {
    assertEquals(
        heeded("dns", "192.0.2.1,192.0.2.2,2001:db8::53"),
        attrs("dns", "192.0.2.1, 192.0.2.2", "2001:db8::53"));
    assertEquals(
        heeded("dns-search", "a.example,b.example"), attrs("dns-search", "a.example", "b.example"));
    assertEquals(heeded("dns-option", "ndots:2"), attrs("dns-option", "ndots:2"));
  }

  @Test
  void whatIsNoResolverIsNamed() {
    wrong(
        "dns",
        "dns.example",
        "--dns: want the address of a resolver such as 192.0.2.53, got 'dns.example'");
    wrong("dns", "", "--dns: want one word without spaces, got ''");
    wrong("dns-search", "a b", "--dns-search: want one word without spaces, got 'a b'");
    wrong("dns-option", "", "--dns-option: want one word without spaces, got ''");
  }

  @Test
  void rulesKeepTheirOrder() {
    assertEquals(
        heeded("egress", "allow=example.org:443,allow=10.0.0.0/8:5432/tcp,deny=*"),
        attrs("egress", "allow=Example.org:443, allow=10.0.0.0/8:5432/tcp", "deny=*"));
  }

  @Test
  void aRuleThatCanNotBeReadIsNamed() {
    wrong(
        "egress",
        "permit=example.org",
        "--egress: egress rule 'permit=example.org': it begins with 'permit'; want allow= or deny="
            + " and a name, an address, a subnet or *, then :port or :first-last and /tcp, /udp or"
            + " /icmp where it is about them: allow=example.org:443, allow=10.0.0.0/8:5432/tcp,"
            + " deny=*");
  }

  @Test
  void grantsMayBeSeparatedByCommas() {
    assertEquals(
        Set.of("network.host", "security.insecure"),
        AllowFlag.entitlements(List.of("network.host, security.insecure")));
  }

  @Test
  void portsOfTheHostMayBeSeveralAndRanges() {
    assertEquals(
        Set.of(
            "network.host=127.0.0.1:5432",
            "network.host=127.0.0.1:6000-6010",
            "network.host=[::1]:80",
            "security.insecure"),
        AllowFlag.entitlements(
            List.of(
                "network.host=127.0.0.1:5432,127.0.0.1:6000-6010,security.insecure",
                "network.host=[::1]:80")));
  }

  @Test
  void portsThatCanNotBeReadAreNamed() {
    var e =
        assertThrows(
            UsageException.class, () -> AllowFlag.entitlements(List.of("network.host=5432")));
    assertEquals(
        "--allow network.host=5432: want address and port of the host such as 127.0.0.1:5432 or"
            + " 127.0.0.1:5000-5999, got '5432'",
        e.getMessage());
  }

  @Test
  void portsNeedTheEntitlementBeforeThem() {
    assertEquals(
        Set.of("127.0.0.1:80", "network.host"),
        AllowFlag.entitlements(List.of("network.host", "127.0.0.1:80")));
  }
}
