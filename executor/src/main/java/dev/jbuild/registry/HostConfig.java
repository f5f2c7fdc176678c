package dev.jbuild.registry;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one registry host is reached.
 *
 * @param http whether to talk plain http; null means http for the loopback host, https for others
 * @param insecure https without verification, then http where the peer does not speak TLS
 * @param authorities PEM files of certificates to trust instead of the platform's; empty for the
 *     platform's
 * @param mirrors tried in this order before the host, for pulls only: {@code
 *     [http[s]://]host[:port] [/path]}, where the path is put before the repository's name
 * @param keyPairs of the client, one of which is shown when the registry asks for it
 */
public record HostConfig(
    @Nullable Boolean http,
    boolean insecure,
    List<Path> authorities,
    List<String> mirrors,
    List<KeyPair> keyPairs) {

  /** Nothing configured. */
  public static final HostConfig DEFAULT = new HostConfig(null, false, null, List.of());

  /** PEM files of a certificate and its key. */
  public record KeyPair(Path cert, Path key) {}

  public HostConfig {
    authorities = List.copyOf(authorities);
    mirrors = List.copyOf(mirrors);
    keyPairs = List.copyOf(keyPairs);
  }

  /** With one authority or the platform's, and no certificate of the client. */
  public HostConfig(
      @Nullable Boolean http, boolean insecure, @Nullable Path ca, List<String> mirrors) {
    this(http, insecure, ca == null ? List.of() : List.of(ca), mirrors, List.of());
  }
}
