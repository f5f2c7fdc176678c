package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import java.nio.file.Path;

/**
 * How names are answered.
 *
 * @param sockets of the host
 * @param hostFile the host's resolv.conf, read again when it changes; it need not exist
 * @param dns what the configuration says; what is empty there is the host's
 * @param port of the resolvers that are asked
 * @param tryMillis how long one of them is waited for, where no option says it
 */
public record NameServerConfig(
    HostSockets sockets, Path hostFile, DnsSettings dns, int port, int tryMillis) {
  private static final int PORT = 53;
  private static final int TRY_MILLIS = 2_000;

  public NameServerConfig {
    if (port < 1 || port > 0xffff || tryMillis < 1) {
      throw new IllegalArgumentException("name server: port " + port + ", " + tryMillis + " ms");
    }
  }

  /** What is used outside tests. */
  public static NameServerConfig usual(DnsSettings dns) {
    return new NameServerConfig(
        new ProcessSockets(), Path.of("/etc/resolv.conf"), dns, PORT, TRY_MILLIS);
  }
}
