package dev.jbuild.daemon.config;

import dev.jbuild.daemon.config.DaemonConfig.Registry;
import dev.jbuild.daemon.config.DaemonConfig.Worker;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Entitlement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** Reads a configuration file in TOML. */
public final class ConfigFile {
  private static final int LIMIT_BYTES = 1 << 20;

  private ConfigFile() {}

  /**
   * What a file says.
   *
   * @param warnings one for each key that is not known, to be shown to the operator
   */
  public record Parsed(DaemonConfig config, List<String> warnings) {
    public Parsed {
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * Reads a file.
   *
   * @throws BuildException NOT_FOUND when it is not there, INVALID when it is wrong, with the line
   */
  public static Parsed read(Path file) {
    String text;
    try {
      if (Files.size(file) > LIMIT_BYTES) {
        throw new BuildException(Code.INVALID, file + ": a configuration has at most 1 MiB");
      }
      text = Files.readString(file);
    } catch (IOException e) {
      throw new BuildException(
          Code.NOT_FOUND, "configuration '" + file + "' can not be read: " + e, e);
    }
    return parse(file.toString(), text);
  }

  /** Reads a text; {@code name} stands before each error. */
  public static Parsed parse(String name, String text) {
    JsonNode tree;
    try {
      tree = TomlMapper.builder().build().readTree(text);
    } catch (JacksonException e) {
      var location = e.getLocation();
      String line = location == null ? "" : ":" + location.getLineNr();
      throw new BuildException(Code.INVALID, name + line + ": " + e.getOriginalMessage(), e);
    }
    var warnings = new ArrayList<String>();
    var root = new ConfigTable(name, new KeyLines(text), "", tree, warnings);
    return new Parsed(config(root), warnings);
  }

  private static DaemonConfig config(ConfigTable root) {
    DaemonConfig defaults = DaemonConfig.defaults();
    var addresses = new ArrayList<ListenAddress>();
    var grpc = root.table("grpc");
    for (String address : grpc.strings("address")) {
      addresses.add(ListenAddress.parse(address));
    }
    grpc.warnOfOthers();
    var workers = root.table("worker");
    var oci = workers.table("oci");
    Worker worker = worker(oci);
    NetworkConfig network = NetworkTables.network(root.table("network"), oci);
    oci.warnOfOthers();
    workers.warnOfOthers();
    var registries = new TreeMap<String, Registry>();
    root.table("registry").tables().forEach((host, table) -> registries.put(host, registry(table)));
    var config =
        new DaemonConfig(
            Path.of(root.string("root", defaults.root().toString())).toAbsolutePath(),
            root.bool("debug", false),
            addresses,
            entitlements(root),
            worker,
            network,
            NetworkTables.dns(root.table("dns")),
            registries);
    root.warnOfOthers();
    return config;
  }

  private static Worker worker(ConfigTable oci) {
    Worker defaults = Worker.DEFAULT;
    return new Worker(
        oci.number("max-parallelism", defaults.maxParallelism(), 0, 100_000),
        networkMode(oci),
        oci.oneOf("snapshotter", defaults.snapshotter(), List.of("auto", "overlayfs", "native")),
        oci.string("binary", defaults.binary()));
  }

  private static String networkMode(ConfigTable oci) {
    String word = oci.string("networkMode", Worker.DEFAULT.networkMode());
    try {
      return Worker.networkMode(word);
    } catch (BuildException e) {
      throw oci.invalid("networkMode", e.message());
    }
  }

  /** All are read again where they count; here is where their line is known. */
  private static SortedSet<String> entitlements(ConfigTable root) {
    var ids = new TreeSet<>(root.strings("insecure-entitlements"));
    for (String id : ids) {
      try {
        Objects.requireNonNull(Entitlement.parse(id));
      } catch (BuildException e) {
        throw root.invalid("insecure-entitlements", e.message());
      }
    }
    return ids;
  }

  private static Registry registry(ConfigTable table) {
    var authorities = new ArrayList<Path>();
    for (String file : table.strings("ca")) {
      authorities.add(Path.of(file));
    }
    var registry =
        new Registry(
            table.bool("http", false),
            table.bool("insecure", false),
            table.strings("mirrors"),
            authorities);
    table.warnOfOthers();
    return registry;
  }
}
