package dev.jbuild.daemon.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.daemon.config.NetworkConfig.Ipv6;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.EgressRules;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NetworkTablesTest {
  private static DaemonConfig reads(String text) {
    var parsed = ConfigFile.parse("f.toml", text);
    assertEquals(List.of(), parsed.warnings());
    return parsed.config();
  }

  private static void wrong(String text, String message) {
    var e = assertThrows(BuildException.class, () -> ConfigFile.parse("f.toml", text));
    assertEquals(message, e.message());
    assertEquals(Code.INVALID, e.code());
  }

  private static void key(String line, String message) {
    wrong("[network]\n" + line + "\n", "f.toml:2: network." + message);
  }

  @Test
  void everyKeyIsRead() {
    var config =
        reads(
            """
            [network]
              poolSize = 16
              bridgeName = "br7"
              subnet = "10.7.0.0/16"
              ipv6 = true
              mtu = 1400
              icc = true
              blockPrivate = true
              egress = [ "allow=*.example.org:443,allow=10.0.0.0/8", "deny=*" ]
            """);
    assertEquals(
        new NetworkConfig(
            16,
            "br7",
            "10.7.0.0/16",
            Ipv6.ON,
            1400,
            true,
            true,
            EgressRules.parse(List.of("allow=*.example.org:443", "allow=10.0.0.0/8", "deny=*"))),
        config.network());
    assertEquals(16, config.poolSize());
  }

  @Test
  void ipv6IsAWordOrASwitch() {
    assertEquals(Ipv6.AUTO, reads("[network]\n").network().ipv6());
    assertEquals(Ipv6.AUTO, reads("[network]\nipv6 = \"auto\"\n").network().ipv6());
    assertEquals(Ipv6.OFF, reads("[network]\nipv6 = false\n").network().ipv6());
    key("ipv6 = \"on\"", "ipv6: want one of auto, got 'on'");
    key("ipv6 = 6", "ipv6: want true or false, got 6");
  }

  @Test
  void aPoolMayBeNone() {
    assertEquals(0, reads("[network]\npoolSize = 0\n").poolSize());
  }

  @Test
  void wrongValuesAreNamedWithTheirLine() {
    key("poolSize = -1", "poolSize: want a number from 0 to 1000, got -1");
    key("poolSize = \"8\"", "poolSize: want a number from 0 to 1000, got \"8\"");
    key(
        "bridgeName = \"a bridge\"",
        "bridgeName: want the name of an interface, 1 to 15 of A-Z a-z 0-9 _ . -, got 'a bridge'");
    key(
        "bridgeName = \"..\"",
        "bridgeName: want the name of an interface, 1 to 15 of A-Z a-z 0-9 _ . -, got '..'");
    key(
        "subnet = \"10.7.0.0\"",
        "subnet: want address/prefix length such as 10.89.0.0/16, got '10.7.0.0'");
    key("subnet = \"10.7.0.1/16\"", "subnet: 10.7.0.1/16 has host bits set");
    key("subnet = \"10.0.0.0/8\"", "subnet: want a prefix length of 16 to 29, got 8");
    key("mtu = 100", "mtu: want a number from 1280 to 65535, got 100");
    key("icc = \"no\"", "icc: want true or false, got \"no\"");
    key("blockPrivate = 1", "blockPrivate: want true or false, got 1");
    key("egress = \"deny=*\"", "egress: want a list of strings, got \"deny=*\"");
    key(
        "egress = [ \"deny\" ]",
        "egress: egress rule 'deny': it begins with 'deny'; want allow= or deny= and a name, an"
            + " address, a subnet or *, then :port or :first-last and /tcp, /udp or /icmp where it"
            + " is about them: allow=example.org:443, allow=10.0.0.0/8:5432/tcp, deny=*");
  }

  @Test
  void unknownKeysAreWarnedOf() {
    assertEquals(
        List.of("f.toml:2: network.poolsize: unknown key, ignored"),
        ConfigFile.parse("f.toml", "[network]\npoolsize = 3\n").warnings());
  }

  @Test
  void theSameMayBeSaidTwice() {
    var config =
        reads(
            """
            [network]
              poolSize = 4
              subnet = "10.7.0.0/16"
            [worker.oci]
              cniPoolSize = 4
              bridgeSubnet = "10.7.0.0/16"
            """);
    assertEquals(4, config.poolSize());
  }

  @Test
  void contradictionsAreNamed() {
    wrong(
        """
        [network]
          poolSize = 4
        [worker.oci]
          cniPoolSize = 5
        """,
        "f.toml:4: worker.oci.cniPoolSize: is '5', but network.poolSize is '4', and both mean the"
            + " same; give one of them");
    wrong(
        """
        [worker.oci]
          bridgeSubnet = "10.7.0.0/16"
        [network]
          subnet = "10.8.0.0/16"
        """,
        "f.toml:2: worker.oci.bridgeSubnet: is '10.7.0.0/16', but network.subnet is '10.8.0.0/16',"
            + " and both mean the same; give one of them");
    wrong(
        """
        [network]
          bridgeName = "a"
        [worker.oci]
          bridgeName = "b"
        """,
        "f.toml:4: worker.oci.bridgeName: is 'b', but network.bridgeName is 'a', and both mean the"
            + " same; give one of them");
  }

  @Test
  void buildkitsNamesAreCheckedAsWell() {
    wrong(
        "[worker.oci]\nbridgeSubnet = \"x\"\n",
        "f.toml:2: worker.oci.bridgeSubnet: want address/prefix length such as 10.89.0.0/16, got"
            + " 'x'");
    wrong(
        "[worker.oci]\ncniPoolSize = 2000\n",
        "f.toml:2: worker.oci.cniPoolSize: want a number from 0 to 1000, got 2000");
    wrong(
        "[worker.oci]\nnetworkMode = \"host\"\n",
        "f.toml:2: worker.oci.networkMode: 'host' is not offered as the default: a step has an"
            + " isolated network unless its build asks with --network=host; want auto or bridge");
    wrong(
        "[worker.oci]\nnetworkMode = \"macvlan\"\n",
        "f.toml:2: worker.oci.networkMode: want one of auto, bridge, cni, got 'macvlan'");
  }

  @Test
  void resolversAreChecked() {
    wrong(
        "[dns]\nnameservers = [ \"dns.example\" ]\n",
        "f.toml:2: dns.nameservers: want the address of a resolver such as 192.0.2.53, got"
            + " 'dns.example'");
    wrong(
        "[dns]\nsearchDomains = [ \"a b\" ]\n",
        "f.toml:2: dns.searchDomains: want one word without spaces, got 'a b'");
    wrong(
        "[dns]\noptions = [ \"\" ]\n",
        "f.toml:2: dns.options: want one word without spaces, got ''");
  }

  @Test
  void portsOfTheHostMayBeGranted() {
    assertEquals(
        Set.of("network.host=127.0.0.1:5000-5999"),
        reads("insecure-entitlements = [ \"network.host=127.0.0.1:5000-5999\" ]\n")
            .insecureEntitlements());
    wrong(
        "insecure-entitlements = [ \"network.host=:80\" ]\n",
        "f.toml:1: insecure-entitlements: want address and port of the host such as"
            + " 127.0.0.1:5432 or 127.0.0.1:5000-5999, got ':80'");
    wrong(
        "insecure-entitlements = [ \"network.hots\" ]\n",
        "f.toml:1: insecure-entitlements: unknown entitlement 'network.hots': want"
            + " 'network.host', 'network.host=<address>:<port>', 'security.insecure', 'device' or"
            + " 'device=<name>'");
  }
}
