package dev.jbuild.daemon.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the daemon is told, with every value checked. Names are buildkitd's. Source: reference
 * features, section 1.14.
 *
 * @param root the state directory, absolute
 * @param addresses to listen at, at least one for a daemon, none in the client's process
 * @param insecureEntitlements granted on the daemon's side, by id
 * @param registries by host with port
 */
public record DaemonConfig(
    Path root,
    boolean debug,
    List<ListenAddress> addresses,
    SortedSet<String> insecureEntitlements,
    Worker worker,
    Dns dns,
    Map<String, Registry> registries) {

  public static final Path DEFAULT_ROOT = Path.of("/var/lib/jbuild");
  public static final Path DEFAULT_FILE = Path.of("/etc/jbuild/jbuildd.toml");

  public DaemonConfig {
    addresses = List.copyOf(addresses);
    insecureEntitlements = Collections.unmodifiableSortedSet(new TreeSet<>(insecureEntitlements));
    registries = Collections.unmodifiableMap(new TreeMap<>(registries));
  }

  /** What is used where nothing is said. */
  public static DaemonConfig defaults() {
    return new DaemonConfig(
        DEFAULT_ROOT,
        false,
        List.of(),
        Collections.emptySortedSet(),
        Worker.DEFAULT,
        new Dns(List.of(), List.of(), List.of()),
        Map.of());
  }

  /**
   * The same for an engine in the client's process: no address, the caller's root, and every grant
   * on the daemon's side. There the caller is the operator, and what is missing can only be the
   * request's.
   *
   * @param grants further ones, by id: those of devices, which have no closed list
   */
  public DaemonConfig inProcess(Path stateDirectory, SortedSet<String> grants) {
    var all = new TreeSet<>(insecureEntitlements);
    all.addAll(List.of("network.host", "security.insecure"));
    all.addAll(grants);
    return new DaemonConfig(stateDirectory, debug, List.of(), all, worker, dns, registries);
  }

  /**
   * {@code [worker.oci]}.
   *
   * @param maxParallelism steps at once, 0 for as many as there are processors
   * @param networkMode of steps that ask for nothing: {@code bridge} or {@code auto}
   * @param bridgeName empty for one derived from the state directory
   * @param bridgeSubnet empty for the first that no route of the host uses
   * @param snapshotter {@code auto}, {@code overlayfs} or {@code native}
   * @param binary of the OCI runtime: a name or path, empty for crun, else runc
   */
  public record Worker(
      int maxParallelism,
      String networkMode,
      String bridgeName,
      String bridgeSubnet,
      String snapshotter,
      String binary) {
    public static final Worker DEFAULT = new Worker(0, "auto", "", "", "auto", "");
  }

  /** {@code [dns]}: the resolver of steps, empty for the host's. */
  public record Dns(List<String> nameservers, List<String> options, List<String> searchDomains) {
    public Dns {
      nameservers = List.copyOf(nameservers);
      options = List.copyOf(options);
      searchDomains = List.copyOf(searchDomains);
    }
  }

  /**
   * {@code [registry."host"]}.
   *
   * @param http without TLS
   * @param insecure with TLS that is not verified
   * @param mirrors hosts to ask first, in order
   * @param authorities PEM files of further authorities
   */
  public record Registry(
      boolean http, boolean insecure, List<String> mirrors, List<Path> authorities) {
    public Registry {
      mirrors = List.copyOf(mirrors);
      authorities = List.copyOf(authorities);
    }
  }
}
