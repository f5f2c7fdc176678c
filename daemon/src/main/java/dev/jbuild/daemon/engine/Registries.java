package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.registry.HostConfig;
import dev.jbuild.registry.RegistryConfig;
import java.util.TreeMap;

/** The configuration's registries as the client of registries takes them. */
final class Registries {
  private Registries() {}

  static RegistryConfig of(DaemonConfig config) {
    var hosts = new TreeMap<String, HostConfig>();
    config
        .registries()
        .forEach(
            (host, registry) ->
                hosts.put(
                    host,
                    new HostConfig(
                        registry.http() ? Boolean.TRUE : null,
                        registry.insecure(),
                        registry.authorities(),
                        registry.mirrors(),
                        registry.keyPairs().stream()
                            .map(pair -> new HostConfig.KeyPair(pair.cert(), pair.key()))
                            .toList())));
    return new RegistryConfig(hosts);
  }
}
