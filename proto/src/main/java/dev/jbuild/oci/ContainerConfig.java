package dev.jbuild.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How containers of an image run: the object {@code config} of an image config, Docker's extensions
 * included. Sets and maps are sorted. Source: OCI image-spec, config.md; OCI facts, "Image config".
 *
 * @param user {@code name}, {@code uid}, {@code name:group}, ...; empty is root
 * @param env {@code K=V} each, in order
 * @param workingDir or empty
 * @param stopSignal or empty
 * @param exposedPorts such as {@code 80/tcp}
 * @param volumes paths
 * @param argsEscaped Windows only
 * @param onBuild instructions for images built from this one
 * @param shell empty for the system's default
 * @param unknown keys that jbuild does not know, kept
 */
public record ContainerConfig(
    String user,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    String workingDir,
    Map<String, String> labels,
    String stopSignal,
    Set<String> exposedPorts,
    Set<String> volumes,
    boolean argsEscaped,
    @Nullable Healthcheck healthcheck,
    List<String> onBuild,
    List<String> shell,
    Map<String, RawJson> unknown) {

  public static final ContainerConfig EMPTY = new Changes().done();

  public ContainerConfig {
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    exposedPorts = Collections.unmodifiableSet(new TreeSet<>(exposedPorts));
    volumes = Collections.unmodifiableSet(new TreeSet<>(volumes));
    onBuild = List.copyOf(onBuild);
    shell = List.copyOf(shell);
    unknown = Collections.unmodifiableMap(new TreeMap<>(unknown));
  }

  /** Starts a copy with changes: {@code config.change().user("app").done()}. */
  public Changes change() {
    return new Changes(this);
  }

  /** A copy in the making. Not for use by several threads. */
  public static final class Changes {
    private String user = "";
    private List<String> env = List.of();
    private List<String> entrypoint = List.of();
    private List<String> cmd = List.of();
    private String workingDir = "";
    private Map<String, String> labels = Map.of();
    private String stopSignal = "";
    private Set<String> exposedPorts = Set.of();
    private Set<String> volumes = Set.of();
    private boolean argsEscaped;
    private @Nullable Healthcheck healthcheck;
    private List<String> onBuild = List.of();
    private List<String> shell = List.of();
    private Map<String, RawJson> unknown = Map.of();

    private Changes() {}

    private Changes(ContainerConfig from) {
      user = from.user;
      env = from.env;
      entrypoint = from.entrypoint;
      cmd = from.cmd;
      workingDir = from.workingDir;
      labels = from.labels;
      stopSignal = from.stopSignal;
      exposedPorts = from.exposedPorts;
      volumes = from.volumes;
      argsEscaped = from.argsEscaped;
      healthcheck = from.healthcheck;
      onBuild = from.onBuild;
      shell = from.shell;
      unknown = from.unknown;
    }

    public Changes user(String value) {
      user = value;
      return this;
    }

    public Changes env(List<String> value) {
      env = value;
      return this;
    }

    public Changes entrypoint(List<String> value) {
      entrypoint = value;
      return this;
    }

    public Changes cmd(List<String> value) {
      cmd = value;
      return this;
    }

    public Changes workingDir(String value) {
      workingDir = value;
      return this;
    }

    public Changes labels(Map<String, String> value) {
      labels = value;
      return this;
    }

    public Changes stopSignal(String value) {
      stopSignal = value;
      return this;
    }

    public Changes exposedPorts(Set<String> value) {
      exposedPorts = value;
      return this;
    }

    public Changes volumes(Set<String> value) {
      volumes = value;
      return this;
    }

    public Changes argsEscaped(boolean value) {
      argsEscaped = value;
      return this;
    }

    public Changes healthcheck(@Nullable Healthcheck value) {
      healthcheck = value;
      return this;
    }

    public Changes onBuild(List<String> value) {
      onBuild = value;
      return this;
    }

    public Changes shell(List<String> value) {
      shell = value;
      return this;
    }

    public Changes unknown(Map<String, RawJson> value) {
      unknown = value;
      return this;
    }

    /** The changed copy. */
    public ContainerConfig done() {
      return new ContainerConfig(
          user,
          env,
          entrypoint,
          cmd,
          workingDir,
          labels,
          stopSignal,
          exposedPorts,
          volumes,
          argsEscaped,
          healthcheck,
          onBuild,
          shell,
          unknown);
    }
  }
}
