package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Secrets;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HostSecretsTest {

  private static Secrets secrets(Map<String, String> values) {
    return id -> Optional.ofNullable(values.get(id)).map(Bytes::utf8);
  }

  private static Map<String, String> headers(Map<String, String> values, String id) {
    var headers = new HashMap<String, String>();
    assertEquals(id, HostSecrets.addTo(headers, "example.org", secrets(values)));
    return headers;
  }

  @Test
  void tokenOfTheHostIsABearerToken() {
    assertEquals(
        Map.of("Authorization", "Bearer t"),
        headers(Map.of("HTTP_AUTH_TOKEN_example.org", "t\n"), "\0HTTP_AUTH_TOKEN_example.org"));
  }

  @Test
  void headerOfTheHostIsSentAsItIsAndWins() {
    assertEquals(
        Map.of("Authorization", "Basic x"),
        headers(
            Map.of("HTTP_AUTH_HEADER_example.org", "Basic x", "HTTP_AUTH_TOKEN_example.org", "t"),
            "\0HTTP_AUTH_HEADER_example.org"));
  }

  @Test
  void secretsOfOtherHostsAreNotSent() {
    assertEquals(
        Map.of(), headers(Map.of("HTTP_AUTH_TOKEN_other.org", "t", "HTTP_AUTH_TOKEN", "u"), ""));
  }

  /** The JDK refuses it too, with the whole value in the text. */
  @Test
  void whatNoHeaderHoldsIsRefusedAndNotTold() {
    URI url = URI.create("https://example.org/f");
    for (String value : List.of("to\nken", "a\0b", "snow \u2603", "\u007f")) {
      var refused =
          assertThrows(
              BuildException.class,
              () -> HostSecrets.requireSendable(Map.of("Authorization", value), url));
      assertEquals(Code.INVALID, refused.code());
      assertEquals(
          "'https://example.org/f': what is to be sent as the header Authorization can not be: it"
              + " has line breaks or other characters that no header holds",
          refused.message());
    }
    HostSecrets.requireSendable(Map.of("Accept", "text/html, \t*/*;q=0.8 \u00fc"), url);
  }
}
