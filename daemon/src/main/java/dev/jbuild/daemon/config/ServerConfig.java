package dev.jbuild.daemon.config;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code [grpc]}: where and to whom the daemon speaks.
 *
 * @param addresses to listen at, at least one for a daemon, none in the client's process
 * @param owner of Unix sockets
 * @param tls for TCP, null for none: then TCP is served only on loopback, and only if it is said
 * @param debugAddress of health and metrics, null for none
 */
public record ServerConfig(
    List<ListenAddress> addresses,
    SocketOwner owner,
    @Nullable TlsFiles tls,
    @Nullable ListenAddress debugAddress) {
  public static final ServerConfig NONE =
      new ServerConfig(List.of(), SocketOwner.DAEMON, null, null);

  public ServerConfig {
    addresses = List.copyOf(addresses);
  }

  ServerConfig at(ListenAddress address) {
    return new ServerConfig(List.of(address), owner, tls, debugAddress);
  }

  ServerConfig without() {
    return new ServerConfig(List.of(), owner, tls, debugAddress);
  }

  /**
   * Who may use a Unix socket beside root.
   *
   * @param uid its owner, null for the daemon's user
   * @param group its group, a name or a number; empty for the daemon's group
   */
  public record SocketOwner(@Nullable Integer uid, String group) {
    public static final SocketOwner DAEMON = new SocketOwner(null, "");
  }

  /**
   * {@code [grpc.tls]}, PEM files.
   *
   * @param ca signs the certificates that clients must show
   */
  public record TlsFiles(Path cert, Path key, Path ca) {}
}
