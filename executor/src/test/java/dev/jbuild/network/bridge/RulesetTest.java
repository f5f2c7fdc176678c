package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.netplan.EgressRules;
import dev.jbuild.network.TestHost;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel takes the rules, in each form. */
@Tag("root")
final class RulesetTest {
  private static final Subnet SUBNET = Subnet.parse("10.89.0.0/16");
  private static final Subnet6 SUBNET6 = Subnet6.uniqueLocal(0x1122334455667788L);

  @TempDir private Path dir;

  @ParameterizedTest
  @CsvSource({
    "true,true,true", "true,true,false", "true,false,true", "true,false,false",
    "false,true,true", "false,true,false", "false,false,true", "false,false,false"
  })
  void kernelTakesEachForm(boolean dual, boolean meet, boolean blockPrivate) throws Exception {
    var isolation = new Isolation(meet, blockPrivate, EgressRules.NONE);
    var rules = new Ruleset("jbt", "jb0", SUBNET, dual ? SUBNET6 : null, 4711, isolation);
    try (var host = new TestHost()) {
      var file = Files.writeString(dir.resolve("rules"), rules.install());
      // Twice: it replaces itself.
      String said =
          TestHost.sh(
              host.host(), "nft -f %s; nft -f %s; nft list table inet jbt".formatted(file, file));
      assertEquals(dual, said.contains("fd22:3344:5566:7788::/64"), said);
      assertEquals(!meet, said.contains("ip daddr 10.89.0.0/16 goto refuse_step"), said);
      assertEquals(blockPrivate, said.contains("@private4 goto refuse_private"), said);
      assertTrue(said.contains("log prefix \"jb host\" group 4711 snaplen 128"), said);
      Files.writeString(file, Ruleset.remove("jbt"));
      assertEquals("", TestHost.sh(host.host(), "nft -f %s; nft list ruleset".formatted(file)));
    }
  }

  @Test
  void uniqueLocalSubnetIsWrittenAsUsual() {
    assertEquals("fd22:3344:5566:7788::/64", SUBNET6.toString());
    assertEquals("fd22:3344:5566:7788:0:0:0:1", SUBNET6.gateway().getHostAddress());
  }
}
