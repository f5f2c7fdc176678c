package dev.jbuild.source.git;

import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Session;
import dev.jbuild.source.SourceRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * With what rights a repository is read.
 *
 * @param authorization header for the repository's own server, or empty
 * @param agent id of the ssh agent, or empty
 * @param knownHosts text of a known_hosts file, or empty
 */
record GitAccess(String authorization, String agent, String knownHosts) {
  static GitAccess of(GitRequest wanted, SourceRequest request, Session session) {
    Map<String, String> attrs = request.attrs();
    String authorization = "";
    if (wanted.url().startsWith("http")) {
      String header = attrs.getOrDefault("git.authheadersecret", "GIT_AUTH_HEADER");
      String token = attrs.getOrDefault("git.authtokensecret", "GIT_AUTH_TOKEN");
      authorization =
          find(session, header, wanted.host())
              .orElseGet(
                  () -> find(session, token, wanted.host()).map(GitAccess::basic).orElse(""));
    }
    String agent = attrs.getOrDefault("git.mountsshsock", "");
    return new GitAccess(
        authorization,
        !agent.isEmpty() && session.agents().offers(agent) ? agent : "",
        attrs.getOrDefault("git.knownsshhosts", ""));
  }

  /** A secret for one host wins over the one for all. */
  private static Optional<String> find(Session session, String id, String host) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    Optional<Bytes> own = session.secrets().secret(id + "." + host);
    Optional<Bytes> found = own.isPresent() ? own : session.secrets().secret(id);
    return found.map(bytes -> bytes.toUtf8().strip()).filter(text -> !text.isEmpty());
  }

  private static String basic(String token) {
    byte[] login = ("x-access-token:" + token).getBytes(StandardCharsets.UTF_8);
    return "basic " + Base64.getEncoder().encodeToString(login);
  }

  @Override
  public String toString() {
    return "GitAccess[***]";
  }
}
