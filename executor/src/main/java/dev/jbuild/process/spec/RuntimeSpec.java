package dev.jbuild.process.spec;

import dev.jbuild.llb.OpMetadata.LinuxResources;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@code config.json} that jbuild writes. Source: OCI runtime-spec 1.0.2, config.md and
 * config-linux.md.
 *
 * @param hostname empty to leave the host's
 */
public record RuntimeSpec(
    StepProcess process,
    Root root,
    String hostname,
    List<MountPoint> mounts,
    Linux linux,
    Map<String, String> annotations) {

  public RuntimeSpec {
    mounts = List.copyOf(mounts);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }

  /**
   * What runs.
   *
   * @param terminal whether it has a terminal of its own
   * @param capabilities the bounding, effective and permitted set; nothing is inheritable
   * @param oomScoreAdj null to leave the daemon's
   */
  public record StepProcess(
      User user,
      List<String> args,
      List<String> env,
      String cwd,
      List<String> capabilities,
      List<Rlimit> rlimits,
      @Nullable Integer oomScoreAdj,
      boolean terminal) {
    public StepProcess {
      args = List.copyOf(args);
      env = List.copyOf(env);
      capabilities = List.copyOf(capabilities);
      rlimits = List.copyOf(rlimits);
    }
  }

  /** Numeric user; ids are 0 to 2^32-2. */
  public record User(long uid, long gid, List<Long> additionalGids) {
    public User {
      additionalGids = List.copyOf(additionalGids);
    }
  }

  /** A limit, {@code type} as {@code RLIMIT_NOFILE}; -1 is unlimited. */
  public record Rlimit(String type, long soft, long hard) {}

  /** The root file system, path absolute. */
  public record Root(String path, boolean readonly) {}

  /** A mount the runtime makes. */
  public record MountPoint(String destination, String type, String source, List<String> options) {
    public MountPoint {
      options = List.copyOf(options);
    }
  }

  /**
   * Linux's part.
   *
   * @param cgroupsPath empty for none
   * @param seccomp null for no filter
   */
  public record Linux(
      List<Namespace> namespaces,
      List<Device> devices,
      Resources resources,
      String cgroupsPath,
      Map<String, String> sysctl,
      @Nullable SeccompProfile seccomp,
      List<String> maskedPaths,
      List<String> readonlyPaths) {
    public Linux {
      namespaces = List.copyOf(namespaces);
      devices = List.copyOf(devices);
      sysctl = Collections.unmodifiableMap(new TreeMap<>(sysctl));
      maskedPaths = List.copyOf(maskedPaths);
      readonlyPaths = List.copyOf(readonlyPaths);
    }
  }

  /**
   * A namespace to make or join.
   *
   * @param type {@code pid}, {@code mount}, {@code ipc}, {@code uts}, {@code network}, {@code
   *     cgroup}
   * @param path of the one to join, null for a new one
   */
  public record Namespace(String type, @Nullable String path) {}

  /** A node in {@code /dev}; {@code type} is {@code b} or {@code c}. */
  public record Device(
      String path, String type, int major, int minor, int permissions, int uid, int gid) {}

  /**
   * Limits of the cgroup.
   *
   * @param devices which device nodes can be opened
   * @param limits null for none
   */
  public record Resources(DeviceAccess devices, @Nullable LinuxResources limits) {}

  /** Which device nodes can be opened. */
  public enum DeviceAccess {
    /** Nothing is said: the group cannot hold rules. */
    UNGUARDED,
    /** Those that every sandbox has: null, zero, tty, .... */
    DEFAULT,
    ALL
  }
}
