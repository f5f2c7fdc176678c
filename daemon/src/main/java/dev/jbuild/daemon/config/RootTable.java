package dev.jbuild.daemon.config;

import dev.jbuild.daemon.config.DaemonConfig.Registry;
import dev.jbuild.error.BuildException;
import dev.jbuild.llb.Entitlement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the keys of the whole file. Source: reference features, section 1.14. */
final class RootTable {
  private static final int MAX_ENTRIES = 1_000_000;

  private final ConfigTable root;

  private RootTable(ConfigTable root) {
    this.root = root;
  }

  static DaemonConfig read(ConfigTable root, Program program) {
    return new RootTable(root).read(program);
  }

  private DaemonConfig read(Program program) {
    ServerConfig server = ServerTables.server(root.table("grpc"));
    var clients = ServerTables.clients(root.elements("client"));
    var workers = root.table("worker");
    var oci = workers.table("oci");
    var worker = WorkerTables.worker(oci);
    NetworkConfig network = NetworkTables.network(root.table("network"), oci);
    oci.warnOfOthers();
    WorkerTables.containerd(workers.table("containerd"));
    workers.warnOfOthers();
    var registries = new TreeMap<String, Registry>();
    root.table("registry").tables().forEach((host, table) -> registries.put(host, registry(table)));
    var config =
        new DaemonConfig(
            Path.of(root.string("root", program.root().toString())).toAbsolutePath().normalize(),
            log(),
            server,
            entitlements(root, "insecure-entitlements"),
            clients,
            worker,
            network,
            NetworkTables.dns(root.table("dns")),
            registries,
            history(),
            frontends());
    others();
    root.warnOfOthers();
    return config;
  }

  private LogSettings log() {
    var table = root.table("log");
    boolean trace = root.bool("trace", false);
    boolean debug = root.bool("debug", false);
    String word =
        table.oneOf(
            "level",
            trace ? "trace" : debug ? "debug" : "info",
            List.of("info", "debug", "trace", "warn", "warning", "error"));
    String format = table.oneOf("format", "text", List.of("text", "json"));
    table.warnOfOthers();
    return new LogSettings(
        switch (word) {
          case "trace" -> LogSettings.Level.TRACE;
          case "debug" -> LogSettings.Level.DEBUG;
          default -> LogSettings.Level.INFO;
        },
        format.equals("json") ? LogSettings.Format.JSON : LogSettings.Format.TEXT);
  }

  /** All are read again where they count; here is where their place is known. */
  static SortedSet<String> entitlements(ConfigTable table, String key) {
    var ids = new TreeSet<String>();
    for (String text : table.strings(key)) {
      try {
        ids.add(Objects.requireNonNull(Entitlement.parse(text.strip())).id());
      } catch (BuildException e) {
        throw table.invalid(key, e.message());
      }
    }
    return ids;
  }

  private static Registry registry(ConfigTable table) {
    var authorities = new ArrayList<Path>();
    for (String file : table.strings("ca")) {
      authorities.add(Path.of(file));
    }
    var pairs = new ArrayList<Registry.KeyPair>();
    for (ConfigTable pair : table.elements("keypair")) {
      pairs.add(
          new Registry.KeyPair(Path.of(pair.required("cert")), Path.of(pair.required("key"))));
      pair.warnOfOthers();
    }
    table.withoutEffect("tlsconfigdir", "name the files with ca and keypair");
    var registry =
        new Registry(
            table.bool("http", false),
            table.bool("insecure", false),
            table.strings("mirrors"),
            authorities,
            pairs);
    table.warnOfOthers();
    return registry;
  }

  private HistorySettings history() {
    var table = root.table("history");
    HistorySettings usual = HistorySettings.DEFAULT;
    var history =
        new HistorySettings(
            table.duration("maxAge", usual.maxAge()),
            table.number("maxEntries", usual.maxEntries(), 0, MAX_ENTRIES));
    table.warnOfOthers();
    return history;
  }

  private FrontendSettings frontends() {
    var table = root.table("frontend");
    var dockerfile = table.table("dockerfile.v0");
    var gateway = table.table("gateway.v0");
    var settings =
        new FrontendSettings(
            dockerfile.bool("enabled", true),
            gateway.bool("enabled", true),
            gateway.strings("allowedRepositories"));
    dockerfile.warnOfOthers();
    gateway.warnOfOthers();
    table.warnOfOthers();
    return settings;
  }

  /** Keys of things that jbuild does not have, where that does no harm. */
  private void others() {
    root.refuseOn("proxyNetwork", "is not offered; limit what steps reach with [network] egress");
    root.withoutEffect("provenanceEnvDir", "jbuild writes no provenance yet");
    var otel = root.table("otel");
    otel.withoutEffect("socketPath", "jbuild collects no traces of steps");
    otel.warnOfOthers();
    var cdi = root.table("cdi");
    for (String key : List.of("specDirs", "autoAllowed")) {
      cdi.withoutEffect(key, "jbuild gives no devices to steps yet");
    }
    cdi.tolerate("disabled");
    cdi.warnOfOthers();
    var system = root.table("system");
    system.withoutEffect("platformsCacheMaxAge", "platforms are not cached");
    system.withoutEffect("maxRegistryConcurrency", "jbuild sets it itself");
    system.warnOfOthers();
    root.withoutEffect("ghacache", "the cache of GitHub Actions is not offered");
  }
}
