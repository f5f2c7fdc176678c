package dev.jbuild.registry;

import java.util.ArrayList;
import java.util.List;

/**
 * A host that answers for a registry: the registry itself or a mirror of it.
 *
 * @param host API host with the port if there is one: {@code registry-1.docker.io}
 * @param login host whose credentials are used here: {@code docker.io}
 * @param prefix put before the repository's path: empty or {@code team/proxy/}
 * @param query empty, or added to each request: {@code ns=docker.io}
 * @param schemes {@code https} and {@code http}, to be tried in this order
 */
record Endpoint(
    String host,
    String login,
    String prefix,
    String query,
    List<String> schemes,
    Tls tls,
    boolean mirror) {

  Endpoint {
    schemes = List.copyOf(schemes);
  }

  /** The hosts to ask, mirrors first. */
  static List<Endpoint> of(String domain, RegistryConfig config) {
    var all = new ArrayList<Endpoint>();
    for (String mirror : config.host(domain).mirrors()) {
      all.add(mirror(mirror, domain, config));
    }
    String host = domain.equals("docker.io") ? "registry-1.docker.io" : domain;
    HostConfig settings = config.host(domain);
    all.add(new Endpoint(host, domain, "", "", schemes(host, settings), Tls.of(settings), false));
    return all;
  }

  private static Endpoint mirror(String spec, String domain, RegistryConfig config) {
    String rest = spec;
    List<String> fixed = List.of();
    for (String scheme : List.of("https", "http")) {
      if (spec.startsWith(scheme + "://")) {
        rest = spec.substring(scheme.length() + 3);
        fixed = List.of(scheme);
      }
    }
    int slash = rest.indexOf('/');
    String host = slash < 0 ? rest : rest.substring(0, slash);
    String path = slash < 0 ? "" : rest.substring(slash + 1);
    String prefix = path.isEmpty() || path.endsWith("/") ? path : path + "/";
    HostConfig settings = config.host(host);
    List<String> schemes = fixed.isEmpty() ? schemes(host, settings) : fixed;
    return new Endpoint(host, host, prefix, "ns=" + domain, schemes, Tls.of(settings), true);
  }

  private static List<String> schemes(String host, HostConfig settings) {
    Boolean http = settings.http();
    if (http != null ? http : isLoopback(host) && !settings.insecure()) {
      return List.of("http");
    }
    return settings.insecure() ? List.of("https", "http") : List.of("https");
  }

  static boolean isLoopback(String host) {
    String name = host;
    if (host.startsWith("[")) {
      name = host.substring(1, Math.max(1, host.indexOf(']')));
    } else if (host.indexOf(':') >= 0) {
      name = host.substring(0, host.indexOf(':'));
    }
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || name.matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
        || name.equals("::1");
  }

  /** Whether the port is the scheme's own. */
  boolean hasDefaultPort() {
    return host.lastIndexOf(':') <= host.lastIndexOf(']');
  }

  /** The URL of a path below the repository: {@code manifests/latest}. */
  String url(String scheme, Repository repository, String path) {
    String base = scheme + "://" + host + "/v2/" + prefix + repository.path() + "/" + path;
    return query.isEmpty() ? base : base + "?" + query;
  }
}
