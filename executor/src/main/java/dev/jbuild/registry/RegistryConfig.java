package dev.jbuild.registry;

import java.util.Map;

/**
 * The operator's settings for registries.
 *
 * @param hosts by the domain that image names carry, with the port if they have one: {@code
 *     docker.io}, {@code localhost:5000}
 */
public record RegistryConfig(Map<String, HostConfig> hosts) {
  public static final RegistryConfig DEFAULT = new RegistryConfig(Map.of());

  public RegistryConfig {
    hosts = Map.copyOf(hosts);
  }

  HostConfig host(String domain) {
    return hosts.getOrDefault(domain, HostConfig.DEFAULT);
  }
}
