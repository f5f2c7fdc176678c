package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.oci.Platform;
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
 * @param insecureEntitlements granted on the daemon's side, by id
 * @param clients limits of single clients, in order; empty when all may have what the daemon grants
 * @param network the isolated network of steps
 * @param dns resolvers and names of steps whose build names none; empty for the host's
 * @param registries by host with port
 */
public record DaemonConfig(
    Path root,
    LogSettings log,
    ServerConfig server,
    SortedSet<String> insecureEntitlements,
    List<ClientGrants> clients,
    Worker worker,
    NetworkConfig network,
    DnsSettings dns,
    Map<String, Registry> registries,
    HistorySettings history,
    FrontendSettings frontends) {

  public static final Path DEFAULT_ROOT = Path.of("/var/lib/jbuild");
  public static final Path DEFAULT_FILE = Path.of("/etc/jbuild/jbuildd.toml");

  private static final int POOL = 8;
  private static final int POOL_IN_PROCESS = 2;

  public DaemonConfig {
    insecureEntitlements = Collections.unmodifiableSortedSet(new TreeSet<>(insecureEntitlements));
    clients = List.copyOf(clients);
    registries = Collections.unmodifiableMap(new TreeMap<>(registries));
  }

  /** What is used where nothing is said. */
  public static DaemonConfig defaults() {
    return new DaemonConfig(
        DEFAULT_ROOT,
        LogSettings.DEFAULT,
        ServerConfig.NONE,
        Collections.emptySortedSet(),
        List.of(),
        Worker.DEFAULT,
        NetworkConfig.DEFAULT,
        DnsSettings.NONE,
        Map.of(),
        HistorySettings.DEFAULT,
        FrontendSettings.DEFAULT);
  }

  /** Where to listen; at least one for a daemon, none in the client's process. */
  public List<ListenAddress> addresses() {
    return server.addresses();
  }

  DaemonConfig listeningAt(ListenAddress address) {
    return new DaemonConfig(
        root,
        log,
        server.at(address),
        insecureEntitlements,
        clients,
        worker,
        network,
        dns,
        registries,
        history,
        frontends);
  }

  /**
   * How many namespaces are kept ready: what is configured, else few in the client's process, whose
   * life is one build.
   */
  public int poolSize() {
    return network.poolSizeOr(addresses().isEmpty() ? POOL_IN_PROCESS : POOL);
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
        stateDirectory,
        log,
        server.without(),
        all,
        List.of(),
        worker,
        network,
        dns,
        registries,
        history,
        frontends);
  }

  /**
   * {@code [worker.oci]}.
   *
   * @param maxParallelism steps at once, 0 for as many as there are processors
   * @param networkMode of steps that ask for nothing: {@code bridge} or {@code auto}
   * @param snapshotter {@code auto}, {@code overlayfs} or {@code native}
   * @param binary of the OCI runtime: a name or path, empty for crun, else runc
   * @param labels told to clients beside the daemon's own
   * @param platforms told to clients, the default first; empty for the host's
   */
  public record Worker(
      int maxParallelism,
      String networkMode,
      String snapshotter,
      String binary,
      Map<String, String> labels,
      List<Platform> platforms,
      GcSettings gc) {
    public static final Worker DEFAULT =
        new Worker(0, "auto", "auto", "", Map.of(), List.of(), GcSettings.DEFAULT);

    public Worker {
      labels = Collections.unmodifiableMap(new TreeMap<>(labels));
      platforms = List.copyOf(platforms);
    }

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
        // The network that a CNI configuration describes is read by CniBridge.
        case "cni" -> "bridge";
        default ->
            throw new BuildException(
                Code.INVALID, "want one of auto, bridge, cni, got '" + word + "'");
      };
    }
  }

  /**
   * {@code [registry."host"]}.
   *
   * @param http without TLS
   * @param insecure with TLS that is not verified
   * @param mirrors hosts to ask first, in order
   * @param authorities PEM files of the authorities that are trusted; empty for the platform's
   * @param keyPairs shown to the registry when it asks who the client is
   */
  public record Registry(
      boolean http,
      boolean insecure,
      List<String> mirrors,
      List<Path> authorities,
      List<KeyPair> keyPairs) {
    public Registry {
      mirrors = List.copyOf(mirrors);
      authorities = List.copyOf(authorities);
      keyPairs = List.copyOf(keyPairs);
    }

    /** PEM files of a certificate and its key. */
    public record KeyPair(Path cert, Path key) {}
  }
}
