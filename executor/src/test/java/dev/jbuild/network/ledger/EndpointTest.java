package dev.jbuild.network.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointTest {

  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 443, 192.0.2.7:443",
    "192.0.2.7, 0, 192.0.2.7",
    "2001:db8::1, 443, [2001:db8::1]:443",
    "2001:db8::1, 0, 2001:db8::1",
    "::, 80, [::]:80",
    "::1, 80, [::1]:80",
    "fe80::, 0, fe80::",
    "2001:db8:0:1:1:1:1:1, 0, 2001:db8:0:1:1:1:1:1",
    "2001:0:0:1:0:0:0:1, 0, 2001:0:0:1::1",
    "2001:db8:0:0:1:0:0:1, 0, 2001:db8::1:0:0:1",
    "2001:DB8:AAAA:0BBB:c:d:e:f, 0, 2001:db8:aaaa:bbb:c:d:e:f",
  })
  void readsAsPeopleWriteIt(String address, int port, String text) {
    assertEquals(text, new Endpoint(InetAddress.ofLiteral(address), port).toString());
  }
}
