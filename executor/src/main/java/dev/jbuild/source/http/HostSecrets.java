package dev.jbuild.source.http;

import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Secrets;
import java.util.Map;
import java.util.Optional;

/**
 * What a user gives for all that is read of a host: the secret {@code HTTP_AUTH_HEADER_<host>}, a
 * whole header's value, else {@code HTTP_AUTH_TOKEN_<host>}, a bearer token. Source: reference
 * features, section 1.4.
 */
final class HostSecrets {
  private HostSecrets() {}

  /**
   * Adds a header if there is such a secret.
   *
   * @return what tells a request with it from others: empty, or the secret's name after a NUL
   */
  static String addTo(Map<String, String> headers, String host, Secrets secrets) {
    String header = "HTTP_AUTH_HEADER_" + host;
    Optional<Bytes> whole = secrets.secret(header);
    if (whole.isPresent()) {
      headers.put("Authorization", whole.get().toUtf8().strip());
      return "\0" + header;
    }
    String name = "HTTP_AUTH_TOKEN_" + host;
    Optional<Bytes> token = secrets.secret(name);
    if (token.isPresent()) {
      headers.put("Authorization", "Bearer " + token.get().toUtf8().strip());
      return "\0" + name;
    }
    return "";
  }
}
