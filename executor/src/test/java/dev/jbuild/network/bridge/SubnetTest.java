package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.netlink.Route;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

final class SubnetTest {
  private static Route route(String destination, int length) {
    return new Route(InetAddress.ofLiteral(destination), length, null, 1, false, false);
  }

  @Test
  void printsAsItIsRead() {
    assertEquals("192.168.224.0/20", Subnet.parse("192.168.224.0/20").toString());
    assertEquals("10.89.0.1", Subnet.parse("10.89.0.0/16").gateway().getHostAddress());
  }

  @Test
  void unreadableTextSaysWhatIsWanted() {
    for (String text : new String[] {"", "10.89.0.0", "10.89/16", "fd00::/16", "10.89.0.0/x"}) {
      var failure = assertThrows(IllegalArgumentException.class, () -> Subnet.parse(text));
      assertEquals(
          "subnet: want address/prefix length such as 10.89.0.0/16, got '" + text + "'",
          failure.getMessage());
    }
    assertEquals(
        "subnet: 10.89.0.5/24 has host bits set",
        assertThrows(IllegalArgumentException.class, () -> Subnet.parse("10.89.0.5/24"))
            .getMessage());
    assertEquals(
        "subnet: want a prefix length of 16 to 29, got 8",
        assertThrows(IllegalArgumentException.class, () -> Subnet.parse("10.0.0.0/8"))
            .getMessage());
  }

  @Test
  void routesThatShareAnAddressOverlap() {
    var subnet = Subnet.parse("172.20.16.0/20");
    assertTrue(subnet.overlaps(route("172.20.0.0", 16)));
    assertTrue(subnet.overlaps(route("172.20.31.255", 32)));
    assertTrue(subnet.overlaps(route("128.0.0.0", 1)));
    assertFalse(subnet.overlaps(route("172.20.32.0", 20)));
    assertFalse(subnet.overlaps(route("172.21.16.0", 20)));
    assertFalse(subnet.overlaps(new Route(null, 0, null, 1, false, false)));
    assertFalse(subnet.overlaps(route("0.0.0.0", 0)));
  }
}
