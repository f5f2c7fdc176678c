package dev.jbuild.network.dns;

import dev.jbuild.netplan.DnsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A name server with one registered step, whose resolvers are on loopback at one port. */
final class Stage implements AutoCloseable {
  static final InetAddress GATEWAY = InetAddress.ofLiteral("127.0.0.1");
  static final String STEP = "127.0.1.1";
  static final String STRANGER = "127.0.1.9";
  static final int TRY_MILLIS = 200;

  private final List<FakeResolver> resolvers = new ArrayList<>();
  private final NameServer server;
  private final NameClient client;
  private final Asker asker;
  private final int port;

  /** Asks these in order, with options as in resolv.conf. */
  Stage(List<FakeResolver> resolvers, List<String> options, NameWatch watch) throws IOException {
    this.resolvers.addAll(resolvers);
    this.server = server(Path.of("/nonexistent"), DnsSettings.NONE, resolverPort(resolvers));
    var addresses = resolvers.stream().map(FakeResolver::address).toList();
    this.client =
        server.register(
            List.of(InetAddress.ofLiteral(STEP)),
            new DnsSettings(addresses, List.of(), options),
            watch);
    this.port = server.listen(List.of(GATEWAY));
    this.asker = new Asker(STEP, GATEWAY, port);
  }

  Stage(FakeResolver... resolvers) throws IOException {
    this(List.of(resolvers), List.of(), NameWatch.NONE);
  }

  private static int resolverPort(List<FakeResolver> resolvers) {
    return resolvers.isEmpty() ? 53 : resolvers.getFirst().port();
  }

  static NameServer server(Path hostFile, DnsSettings configured, int resolverPort) {
    return new NameServer(
        new NameServerConfig(new ProcessSockets(), hostFile, configured, resolverPort, TRY_MILLIS));
  }

  NameServer server() {
    return server;
  }

  NameClient client() {
    return client;
  }

  Asker asker() {
    return asker;
  }

  int port() {
    return port;
  }

  @Override
  public void close() throws IOException {
    asker.close();
    client.close();
    server.close();
    for (FakeResolver resolver : resolvers) {
      resolver.close();
    }
  }
}
