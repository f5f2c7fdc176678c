package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.DnsSettings;
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
 * @param network the isolated network of steps
 * @param dns resolvers and names of steps whose build names none; empty for the host's
 * @param registries by host with port
 */
public record DaemonConfig(
    Path root,
    boolean debug,
    List<ListenAddress> addresses,
    SortedSet<String> insecureEntitlements,
    Worker worker,
    NetworkConfig network,
    DnsSettings dns,
    Map<String, Registry> registries) {

  public static final Path DEFAULT_ROOT = Path.of("/var/lib/jbuild");
  public static final Path DEFAULT_FILE = Path.of("/etc/jbuild/jbuildd.toml");

  private static final int POOL = 8;
  private static final int POOL_IN_PROCESS = 2;

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
        NetworkConfig.DEFAULT,
        DnsSettings.NONE,
        Map.of());
  }

  /**
   * How many namespaces are kept ready: what is configured, else few in the client's process, whose
   * life is one build.
   */
  public int poolSize() {
    return network.poolSizeOr(addresses.isEmpty() ? POOL_IN_PROCESS : POOL);
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
    return new DaemonConfig(
        stateDirectory, debug, List.of(), all, worker, network, dns, registries);
  }

  /**
   * {@code [worker.oci]}.
   *
   * @param maxParallelism steps at once, 0 for as many as there are processors
   * @param networkMode of steps that ask for nothing: {@code bridge} or {@code auto}
   * @param snapshotter {@code auto}, {@code overlayfs} or {@code native}
   * @param binary of the OCI runtime: a name or path, empty for crun, else runc
   */
  public record Worker(int maxParallelism, String networkMode, String snapshotter, String binary) {
    public static final Worker DEFAULT = new Worker(0, "auto", "auto", "");

    /**
     * Checks a network mode of steps that ask for nothing.
     *
     * @throws BuildException INVALID, without the place
     */
    static String networkMode(String word) {
      return switch (word) {
        case "auto", "bridge" -> word;
        case "host", "none" ->
            throw new BuildException(
                Code.INVALID,
                "'"
                    + word
                    + "' is not offered as the default: a step has an isolated network unless its"
                    + " build asks with --network="
                    + word
                    + "; want auto or bridge");
        case "cni" ->
            throw new BuildException(
                Code.INVALID,
                "'cni' is not offered: jbuild makes its own bridge; want auto or bridge");
        default ->
            throw new BuildException(Code.INVALID, "want one of auto, bridge, got '" + word + "'");
      };
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
