package dev.jbuild.registry;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one registry host is reached.
 *
 * @param http whether to talk plain http; null means http for the loopback host, https for others
 * @param insecure https without verification, then http where the peer does not speak TLS
 * @param ca PEM file of certificates to trust instead of the platform's; null for the platform's
 * @param mirrors tried in this order before the host, for pulls only: {@code
 *     [http[s]://]host[:port] [/path]}, where the path is put before the repository's name
 */
public record HostConfig(
    @Nullable Boolean http, boolean insecure, @Nullable Path ca, List<String> mirrors) {

  /** Nothing configured. */
  public static final HostConfig DEFAULT = new HostConfig(null, false, null, List.of());

  public HostConfig {
    mirrors = List.copyOf(mirrors);
  }
}
