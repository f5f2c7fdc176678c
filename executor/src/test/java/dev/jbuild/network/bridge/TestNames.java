package dev.jbuild.network.bridge;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.dns.NameServerConfig;
import dev.jbuild.network.dns.NamespaceSockets;
import java.nio.file.Path;

/** Names as a test host answers them: it has no resolver. */
final class TestNames {
  private TestNames() {}

  /**
   * @param dir where a file resolv.conf may be
   */
  static NameServerConfig of(TestHost host, Path dir) {
    var sockets = new NamespaceSockets(host.thread());
    return new NameServerConfig(sockets, dir.resolve("resolv.conf"), DnsSettings.NONE, 53, 500);
  }
}
