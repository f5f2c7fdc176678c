package dev.jbuild.netplan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DnsSettingsTest {

  @Test
  void valuesAreRead() {
    assertEquals(
        new DnsSettings(
            List.of(InetAddress.ofLiteral("192.0.2.53"), InetAddress.ofLiteral("2001:db8::53")),
            List.of("corp.example", "example"),
            List.of("ndots:2")),
        DnsSettings.parse(
            List.of("192.0.2.53", "2001:db8::53"),
            List.of("corp.example", "example"),
            List.of("ndots:2")));
    assertEquals(DnsSettings.NONE, DnsSettings.parse(List.of(), List.of(), List.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"dns.example", "8", "192.0.2", "192.0.2.256", "2001:db8::g", "1.2.3.4:53"})
  void whatIsNoAddressIsRefused(String text) {
    var failure =
        assertThrows(
            BuildException.class, () -> DnsSettings.parse(List.of(text), List.of(), List.of()));
    assertEquals(Code.INVALID, failure.code());
    assertEquals(
        "dns: want the address of a resolver such as 192.0.2.53, got '" + text + "'",
        failure.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "two words", "line\nnameserver 192.0.2.1", "tab\t", "del\u007f"})
  void wordsThatWouldBreakTheFileAreRefused(String word) {
    assertEquals(
        "dns-search: want one word without spaces, got '" + word + "'",
        refusal(List.of(), List.of(word), List.of()));
    assertEquals(
        "dns-option: want one word without spaces, got '" + word + "'",
        refusal(List.of(), List.of(), List.of(word)));
    assertEquals(
        "dns: want one word without spaces, got '" + word + "'",
        refusal(List.of(word), List.of(), List.of()));
  }

  @Test
  void tooManyValuesAreRefused() {
    assertEquals(
        "dns: want at most 32 values, got 33",
        refusal(Collections.nCopies(33, "192.0.2.1"), List.of(), List.of()));
    assertEquals(
        "dns-search: want at most 32 values, got 33",
        refusal(List.of(), Collections.nCopies(33, "a"), List.of()));
    assertEquals(
        "dns-option: want at most 32 values, got 33",
        refusal(List.of(), List.of(), Collections.nCopies(33, "a")));
  }

  private static String refusal(List<String> servers, List<String> search, List<String> options) {
    return String.valueOf(
        assertThrows(BuildException.class, () -> DnsSettings.parse(servers, search, options))
            .getMessage());
  }

  @Test
  void whatIsEmptyComesFromTheOther() {
    var build = DnsSettings.parse(List.of("192.0.2.1"), List.of(), List.of());
    var daemon = DnsSettings.parse(List.of("192.0.2.2"), List.of("corp"), List.of("ndots:2"));
    assertEquals(
        DnsSettings.parse(List.of("192.0.2.1"), List.of("corp"), List.of("ndots:2")),
        build.orElse(daemon));
  }
}
