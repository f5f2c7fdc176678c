package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.shell.Variables;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ContainerConfig;
import dev.jbuild.oci.Healthcheck;
import dev.jbuild.oci.History;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a stage has come to: the variables that words and RUN see, and the image config in the
 * making. Confined to the thread that evaluates; a stage on another one starts with a copy.
 */
final class StageState implements Variables {
  /** The working directory of an image that sets none. */
  static final String ROOT = "/";

  private final ImageConfig base;
  private final @Nullable Bytes received;
  private final Platform platform;
  private final UsedPaths used;
  private final LinkedHashMap<String, String> variables;
  private final LinkedHashMap<String, String> imageEnv;
  private final LinkedHashMap<String, String> declaredArgs;
  private @Nullable List<String> environment;
  private @Nullable HistoryChain history;

  String author;
  String user;
  String workingDir;
  String stopSignal;
  List<String> entrypoint;
  List<String> cmd;
  List<String> shell;
  List<String> onBuild;
  boolean argsEscaped;
  @Nullable Healthcheck healthcheck;
  final TreeMap<String, String> labels;
  final TreeSet<String> exposedPorts;
  final TreeSet<String> volumes;

  /** Whether this stage itself, not what it builds on, has set CMD or a working directory. */
  boolean cmdSet;

  boolean workdirSet;

  /** The start of a stage on an image, a context or nothing. */
  StageState(Origin origin) {
    ContainerConfig config = origin.config().config();
    base = origin.config();
    received = origin.received();
    platform = origin.platform();
    used = origin.used();
    imageEnv = new LinkedHashMap<>();
    for (String entry : config.env()) {
      int equals = entry.indexOf('=');
      String name = equals < 0 ? entry : entry.substring(0, equals);
      imageEnv.put(name, equals < 0 ? "" : entry.substring(equals + 1));
    }
    variables = new LinkedHashMap<>(imageEnv);
    if (!imageEnv.containsKey("PATH") && !platform.os().equals("windows")) {
      String path = ImageConfig.DEFAULT_PATH.substring("PATH=".length());
      setImageVariable("PATH", path);
    }
    declaredArgs = new LinkedHashMap<>();
    history = HistoryChain.of(base.history());
    author = base.author();
    user = config.user();
    workingDir = config.workingDir();
    stopSignal = config.stopSignal();
    entrypoint = config.entrypoint();
    cmd = config.cmd();
    shell = config.shell();
    onBuild = List.of();
    argsEscaped = config.argsEscaped();
    healthcheck = config.healthcheck();
    labels = new TreeMap<>(config.labels());
    exposedPorts = new TreeSet<>(config.exposedPorts());
    volumes = new TreeSet<>(config.volumes());
  }

  /** The start of a stage on another stage. */
  StageState(StageState below) {
    base = below.base;
    received = below.received;
    platform = below.platform;
    used = below.used;
    imageEnv = new LinkedHashMap<>(below.imageEnv);
    variables = new LinkedHashMap<>(below.variables);
    declaredArgs = new LinkedHashMap<>(below.declaredArgs);
    environment = below.environment;
    history = below.history;
    author = below.author;
    user = below.user;
    workingDir = below.workingDir;
    stopSignal = below.stopSignal;
    entrypoint = below.entrypoint;
    cmd = below.cmd;
    shell = below.shell;
    onBuild = List.of(); // triggers were used up by this stage
    argsEscaped = below.argsEscaped;
    healthcheck = below.healthcheck;
    labels = new TreeMap<>(below.labels);
    exposedPorts = new TreeSet<>(below.exposedPorts);
    volumes = new TreeSet<>(below.volumes);
    workdirSet = below.workdirSet;
  }

  Platform platform() {
    return platform;
  }

  /** What the image below says it runs on. */
  Platform imagePlatform() {
    return base.platform();
  }

  /** The config of the image below as it was read, null where there is none. */
  @Nullable Bytes received() {
    return received;
  }

  /** What is looked at of the files that the stage started with. */
  UsedPaths used() {
    return used;
  }

  @Override
  public @Nullable String value(String name) {
    return variables.get(name);
  }

  @Override
  public boolean declares(String name) {
    return declaredArgs.containsKey(name) || variables.containsKey(name);
  }

  @Override
  public Set<String> names() {
    var names = new LinkedHashSet<>(variables.keySet());
    names.addAll(declaredArgs.keySet());
    return names;
  }

  /** Sets what words and RUN see, and puts it last. */
  void setVariable(String name, String value) {
    variables.remove(name);
    variables.put(name, value);
    environment = null;
  }

  /** Sets what containers of the image see too. */
  void setImageVariable(String name, String value) {
    setVariable(name, value);
    imageEnv.put(name, value);
  }

  /** The environment of RUN, {@code K=V} each. One list as long as nothing is set. */
  List<String> environment() {
    List<String> known = environment;
    if (known == null) {
      known = List.copyOf(entries(variables));
      environment = known;
    }
    return known;
  }

  /** Notes a declared ARG for the history of RUN. */
  void declare(String name, @Nullable String value) {
    declaredArgs.put(name, value == null ? "" : value);
  }

  /** {@code |2 a=b c=d } of the declared ARGs, or nothing when there are none. */
  String argsPrefix() {
    if (declaredArgs.isEmpty()) {
      return "";
    }
    var text = new StringBuilder("|").append(declaredArgs.size()).append(' ');
    declaredArgs.forEach(
        (name, value) ->
            text.append(name).append('=').append(variables.getOrDefault(name, value)).append(' '));
    return text.toString();
  }

  String directory() {
    return workingDir.isEmpty() ? ROOT : workingDir;
  }

  void addHistory(History line) {
    history = new HistoryChain(history, line);
  }

  /** The image config with all that was set. */
  ImageConfig toConfig(Platform imagePlatform, @Nullable Instant created) {
    ContainerConfig config =
        base.config()
            .change()
            .user(user)
            .env(entries(imageEnv))
            .entrypoint(entrypoint)
            .cmd(cmd)
            .workingDir(workingDir)
            .labels(labels)
            .stopSignal(stopSignal)
            .exposedPorts(exposedPorts)
            .volumes(volumes)
            .argsEscaped(argsEscaped)
            .healthcheck(healthcheck)
            .onBuild(onBuild)
            .shell(shell)
            .done();
    var unknown = new LinkedHashMap<>(base.unknown());
    unknown.remove("moby.buildkit.cache.v0"); // the base image's cache, not this one's
    return base.withPlatform(imagePlatform)
        .withCreated(created)
        .withAuthor(author)
        .withConfig(config)
        .withHistory(HistoryChain.toList(history))
        .withUnknown(unknown);
  }

  private static List<String> entries(Map<String, String> map) {
    var entries = new ArrayList<String>(map.size());
    map.forEach((name, value) -> entries.add(name + "=" + value));
    return entries;
  }
}
