package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's command line. Names are buildkitd's; flags win over the file.
 *
 * @param values of flags that take one, in order
 * @param action what is asked for
 */
public record DaemonFlags(Map<String, List<String>> values, boolean debug, Action action) {
  private static final ListenAddress DEFAULT_ADDRESS =
      new ListenAddress.Unix(Path.of("/run/jbuild/jbuildd.sock"));
  private static final Pattern POOL_SIZE = Pattern.compile("0|[1-9][0-9]{0,2}|1000");
  private static final List<String> WITH_VALUE =
      List.of(
          "--addr",
          "--root",
          "--config",
          "--allow-insecure-entitlement",
          "--oci-worker-binary",
          "--oci-worker-net",
          "--oci-cni-pool-size");

  /** What the program shall do. */
  public enum Action {
    SERVE,
    SHOW_HELP,
    SHOW_VERSION
  }

  public DaemonFlags {
    values = Map.copyOf(values);
  }

  public static final String HELP =
      """
      Usage: jbuildd [OPTIONS]

      Serves builds to clients: jbuild --addr, buildctl, docker buildx.

        --addr ADDRESS       where to listen, several times: unix:///PATH or tcp://HOST:PORT
                             (unix:///run/jbuild/jbuildd.sock); TCP only on loopback
        --root DIR           state directory ($JBUILD_ROOT, else /var/lib/jbuild)
        --config FILE        configuration (/etc/jbuild/jbuildd.toml if it exists)
        --allow-insecure-entitlement GRANT
                             grant to requests that ask, several times or comma separated:
                             network.host, security.insecure, and ports of the host:
                             network.host=127.0.0.1:5000-5999
        --oci-worker-binary FILE
                             OCI runtime (crun, else runc)
        --oci-worker-net MODE
                             network of steps that ask for nothing: auto, bridge (isolated)
        --oci-cni-pool-size N
                             networks of steps kept ready (8)
        --debug              log more
        --version            show the version
        --help               show this text
      """;

  /**
   * Reads arguments.
   *
   * @throws BuildException INVALID when they are wrong
   */
  public static DaemonFlags parse(String... args) {
    var values = new TreeMap<String, List<String>>();
    boolean debug = false;
    Action action = Action.SERVE;
    int i = 0;
    while (i < args.length) {
      String arg = args[i++];
      int equals = arg.indexOf('=');
      String flag = equals < 0 ? arg : arg.substring(0, equals);
      switch (flag) {
        case "--debug" -> debug = equals < 0 || arg.endsWith("=true");
        case "-h", "--help" -> action = Action.SHOW_HELP;
        case "-v", "--version" -> action = Action.SHOW_VERSION;
        default -> {
          if (!WITH_VALUE.contains(flag)) {
            throw new BuildException(
                Code.INVALID, "unknown argument '" + arg + "', see 'jbuildd --help'");
          }
          if (equals < 0 && i == args.length) {
            throw new BuildException(Code.INVALID, flag + ": a value is missing");
          }
          String value = equals < 0 ? args[i++] : arg.substring(equals + 1);
          values.computeIfAbsent(flag, key -> new ArrayList<>()).add(value);
        }
      }
    }
    return new DaemonFlags(values, debug, action);
  }

  /**
   * Arguments with what the environment says put before them, so that flags count more: {@code
   * JBUILD_ROOT} is a {@code --root}.
   */
  public static String[] withEnvironment(Map<String, String> env, String... args) {
    String root = env.getOrDefault("JBUILD_ROOT", "");
    if (root.isEmpty()) {
      return args;
    }
    var all = new ArrayList<String>();
    all.add("--root=" + root);
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }

  /** File and flags together; warnings are about the file. */
  public ConfigFile.Parsed config() {
    String named = last("--config");
    ConfigFile.Parsed parsed = fileOrDefaults(named == null ? null : Path.of(named));
    DaemonConfig file = parsed.config();
    var addresses = new ArrayList<ListenAddress>();
    values.getOrDefault("--addr", List.of()).forEach(a -> addresses.add(ListenAddress.parse(a)));
    if (addresses.isEmpty()) {
      addresses.addAll(file.addresses());
    }
    if (addresses.isEmpty()) {
      addresses.add(DEFAULT_ADDRESS);
    }
    addresses.forEach(DaemonFlags::refuseOpenTcp);
    var entitlements = new TreeSet<>(file.insecureEntitlements());
    for (String value : values.getOrDefault("--allow-insecure-entitlement", List.of())) {
      for (String entitlement : value.split(",", -1)) {
        entitlements.add(Entitlement.parse(entitlement.strip()).id());
      }
    }
    String root = last("--root");
    String binary = last("--oci-worker-binary");
    DaemonConfig.Worker w = file.worker();
    var worker =
        new DaemonConfig.Worker(
            w.maxParallelism(),
            networkMode(w.networkMode()),
            w.snapshotter(),
            binary == null ? w.binary() : binary);
    return new ConfigFile.Parsed(
        new DaemonConfig(
            root == null ? file.root() : Path.of(root).toAbsolutePath().normalize(),
            debug || file.debug(),
            addresses,
            entitlements,
            worker,
            network(file.network()),
            file.dns(),
            file.registries()),
        parsed.warnings());
  }

  private String networkMode(String configured) {
    String given = last("--oci-worker-net");
    try {
      return given == null ? configured : DaemonConfig.Worker.networkMode(given);
    } catch (BuildException e) {
      throw new BuildException(Code.INVALID, "--oci-worker-net: " + e.message(), e);
    }
  }

  private NetworkConfig network(NetworkConfig configured) {
    String size = last("--oci-cni-pool-size");
    if (size == null) {
      return configured;
    }
    if (!POOL_SIZE.matcher(size).matches()) {
      throw new BuildException(
          Code.INVALID, "--oci-cni-pool-size: want a number from 0 to 1000, got '" + size + "'");
    }
    return configured.withPoolSize(Integer.parseInt(size));
  }

  /** The file that is named, else the default one if it exists, else the defaults. */
  public static ConfigFile.Parsed fileOrDefaults(@Nullable Path named) {
    if (named != null) {
      return ConfigFile.read(named);
    }
    return Files.exists(DaemonConfig.DEFAULT_FILE)
        ? ConfigFile.read(DaemonConfig.DEFAULT_FILE)
        : new ConfigFile.Parsed(DaemonConfig.defaults(), List.of());
  }

  private @Nullable String last(String flag) {
    List<String> given = values.getOrDefault(flag, List.of());
    return given.isEmpty() ? null : given.get(given.size() - 1);
  }

  /** Whoever reaches the daemon is root on the host: without TLS only this host may. */
  private static void refuseOpenTcp(ListenAddress address) {
    if (!(address instanceof ListenAddress.Tcp tcp)) {
      return;
    }
    boolean loopback;
    try {
      loopback = InetAddress.getByName(tcp.host()).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new BuildException(
          Code.INVALID, "address '" + address + "': no such host '" + tcp.host() + "'", e);
    }
    if (!loopback) {
      throw new BuildException(
          Code.INVALID,
          "address '"
              + address
              + "': without TLS, which is not offered yet, TCP is served on loopback only; use"
              + " tcp://127.0.0.1:"
              + tcp.port()
              + " or a unix:// address");
    }
  }
}
