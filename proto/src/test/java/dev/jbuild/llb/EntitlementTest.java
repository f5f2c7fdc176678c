package dev.jbuild.llb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EntitlementTest {

  @ParameterizedTest
  @ValueSource(strings = {"network.host", "security.insecure", "device", "device=vendor.com/gpu=0"})
  void idIsReadAsItIsWritten(String id) {
    assertEquals(id, Entitlement.parse(id).id());
  }

  @Test
  void deviceOptionsAreNotKnownYet() {
    assertRefused(
        "device=gpu,alias=x",
        Code.UNIMPLEMENTED,
        "entitlement 'device=gpu,alias=x': this version knows no options of a device, only its"
            + " name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "network.host=127.0.0.1:80",
        "network.host=127.0.0.1:5000-5999",
        "network.host=[::1]:80"
      })
  void portsOfTheHostKeepTheirId(String id) {
    assertEquals(id, Entitlement.parse(id).id());
  }

  @Test
  void portsThatCanNotBeReadAreNamed() {
    assertRefused(
        "network.host=localhost:80",
        Code.INVALID,
        "want address and port of the host such as 127.0.0.1:5432 or 127.0.0.1:5000-5999, got"
            + " 'localhost:80'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "network", "device=", "Network.Host", "network.host "})
  void anythingElseIsUnknown(String id) {
    assertRefused(
        id,
        Code.INVALID,
        "unknown entitlement '"
            + id
            + "': want 'network.host', 'network.host=<address>:<port>', 'security.insecure',"
            + " 'device' or 'device=<name>'");
  }

  private static void assertRefused(String id, Code code, String text) {
    var failure = assertThrows(BuildException.class, () -> Entitlement.parse(id));
    assertEquals(text, failure.message());
    assertEquals(code, failure.code());
  }
}
