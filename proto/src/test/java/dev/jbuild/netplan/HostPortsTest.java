package dev.jbuild.netplan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class HostPortsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1:5432",
        "127.0.0.1:5000-5999",
        "192.0.2.2:80",
        "[::1]:80",
        "[2001:db8::7]:1-65535"
      })
  void writtenFormIsPrintedAgain(String text) {
    assertEquals(text, HostPorts.parse(text).toString());
  }

  @Test
  void partsAreRead() {
    assertEquals(
        new HostPorts(InetAddress.ofLiteral("127.0.0.1"), 5000, 5999),
        HostPorts.parse("127.0.0.1:5000-5999"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "5432",
        "localhost:80",
        "127.1:80",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:0",
        "127.0.0.1:65536",
        "127.0.0.1:2-1",
        "127.0.0.1:1-",
        "127.0.0.1:-1",
        "127.0.0.1:1-2-3",
        "127.0.0.1:000080",
        "127.0.0.1: 80",
        "::1:80",
        "[::1]",
        "[127.0.0.1]:80",
        "[::1%1]:80",
        "[]:80",
        "127.0.0.1:\u0661"
      })
  void unreadableTextIsRefused(String text) {
    var failure = assertThrows(BuildException.class, () -> HostPorts.parse(text));
    assertEquals(Code.INVALID, failure.code());
    assertEquals(
        "want address and port of the host such as 127.0.0.1:5432 or 127.0.0.1:5000-5999, got '"
            + text
            + "'",
        failure.getMessage());
  }

  @Test
  void addressOfNobodyIsRefused() {
    for (String address : new String[] {"0.0.0.0", "224.0.0.1"}) {
      var failure = assertThrows(BuildException.class, () -> HostPorts.parse(address + ":80"));
      assertEquals(
          "host ports '%s:80': %s is no address that a service has; name one of the host's, such as 127.0.0.1"
              .formatted(address, address),
          failure.getMessage());
    }
  }

  @Test
  void onePortRangeCoversAnother() {
    var wide = HostPorts.parse("127.0.0.1:5000-5999");
    assertTrue(wide.covers(wide));
    assertTrue(wide.covers(HostPorts.parse("127.0.0.1:5432")));
    assertFalse(wide.covers(HostPorts.parse("127.0.0.1:4999-5001")));
    assertFalse(wide.covers(HostPorts.parse("127.0.0.1:5999-6000")));
    assertFalse(wide.covers(HostPorts.parse("127.0.0.2:5432")));
  }

  @Test
  void wrongValuesAreRefused() {
    var address = InetAddress.ofLiteral("127.0.0.1");
    assertThrows(IllegalArgumentException.class, () -> new HostPorts(address, 0, 1));
    assertThrows(IllegalArgumentException.class, () -> new HostPorts(address, 2, 1));
    assertThrows(IllegalArgumentException.class, () -> new HostPorts(address, 1, 65_536));
  }
}
