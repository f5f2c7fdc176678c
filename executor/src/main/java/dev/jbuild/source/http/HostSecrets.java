package dev.jbuild.source.http;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Secrets;
import java.net.URI;
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

  /**
   * Refuses what no header may hold, and tells nothing of it: it may be a secret. Source: RFC 9110,
   * section 5.5.
   */
  static void requireSendable(Map<String, String> headers, URI url) {
    headers.forEach(
        (name, value) -> {
          if (!value.chars().allMatch(HostSecrets::isSendable)) {
            throw new BuildException(
                Code.INVALID,
                ("'%s': what is to be sent as the header %s can not be: it has line breaks or other"
                        + " characters that no header holds")
                    .formatted(url, name));
          }
        });
  }

  private static boolean isSendable(int c) {
    boolean ascii = c >= ' ' && c < 127;
    boolean other = c > 127 && c < 256;
    return ascii || other || c == '\t';
  }
}
