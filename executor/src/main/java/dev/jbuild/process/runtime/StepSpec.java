package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.Kernel;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata.LinuxResources;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import dev.jbuild.process.seccomp.FilterStore;
import dev.jbuild.process.spec.Capabilities;
import dev.jbuild.process.spec.DefaultSeccomp;
import dev.jbuild.process.spec.ProtectedPaths;
import dev.jbuild.process.spec.RuntimeSpec;
import dev.jbuild.process.spec.RuntimeSpec.DeviceAccess;
import dev.jbuild.process.spec.RuntimeSpec.Linux;
import dev.jbuild.process.spec.RuntimeSpec.MountPoint;
import dev.jbuild.process.spec.RuntimeSpec.Namespace;
import dev.jbuild.process.spec.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Builds the runtime's configuration of a step: what the sandbox is made of. */
final class StepSpec {
  /** Raw program for {@code seccomp(2)}; crun 0.20 and later. */
  private static final String BPF_ANNOTATION = "run.oci.seccomp_bpf_data";

  private static final String MACHINE = System.getProperty("os.arch", "");
  private static final Path OWN_OOM_SCORE = Path.of("/proc/self/oom_score_adj");

  private final Kernel kernel;
  private final Kind kind;
  private final CgroupHost cgroups;
  private final boolean guardsDevices;
  private final FilterStore filters;

  /**
   * A process of a step.
   *
   * @param env complete
   * @param terminal whether it gets one
   */
  record Asked(ExecMeta meta, StepUser user, List<String> env, boolean terminal) {
    Asked {
      env = List.copyOf(env);
    }
  }

  /** What of a step is known only when its root is mounted. */
  record Prepared(
      StepDirectory step, String cgroup, Asked asked, String hostname, List<MountPoint> mounts) {
    Prepared {
      mounts = List.copyOf(mounts);
    }
  }

  /**
   * @param guardsDevices whether the runtime can keep device nodes from being opened
   */
  StepSpec(
      Kernel kernel, Kind kind, CgroupHost cgroups, boolean guardsDevices, FilterStore filters) {
    this.kernel = kernel;
    this.kind = kind;
    this.cgroups = cgroups;
    this.guardsDevices = guardsDevices;
    this.filters = filters;
  }

  /** The first process of a step, or another one beside it. */
  RuntimeSpec.StepProcess process(ProcessRequest request, Asked asked) throws IOException {
    var meta = asked.meta();
    return new RuntimeSpec.StepProcess(
        asked.user().ids(),
        meta.args(),
        asked.env(),
        meta.cwd().isEmpty() ? "/" : meta.cwd(),
        capabilities(request.security() == SecurityMode.INSECURE),
        ProcessLimits.of(kernel, meta.ulimits()),
        oomScore(),
        asked.terminal());
  }

  RuntimeSpec build(ProcessRequest request, Prepared prepared) throws IOException {
    boolean insecure = request.security() == SecurityMode.INSECURE;
    var process = process(request, prepared.asked());
    var filter =
        insecure ? Filter.NONE : filter(DefaultSeccomp.profile(MACHINE, process.capabilities()));
    var linux =
        new Linux(
            namespaces(request.network()),
            insecure ? HostDevices.list(kernel) : List.of(),
            new RuntimeSpec.Resources(devices(insecure), limits(request.resources())),
            cgroups.writable() ? prepared.cgroup() : "",
            sysctl(request.network()),
            filter.profile(),
            insecure ? List.of() : ProtectedPaths.MASKED,
            insecure ? List.of() : ProtectedPaths.READONLY);
    return new RuntimeSpec(
        process,
        new RuntimeSpec.Root(prepared.step().rootfs().toString(), request.rootReadonly()),
        prepared.hostname(),
        prepared.mounts(),
        linux,
        filter.annotations());
  }

  /**
   * Without a device group nothing keeps a node that root makes from being opened, so root may not
   * make any.
   */
  private List<String> capabilities(boolean insecure) throws IOException {
    if (insecure) {
      return Capabilities.named(kernel.effectiveCapabilities());
    }
    if (guardsDevices) {
      return Capabilities.DEFAULT;
    }
    return Capabilities.DEFAULT.stream().filter(name -> !name.equals("CAP_MKNOD")).toList();
  }

  private DeviceAccess devices(boolean insecure) {
    if (!guardsDevices) {
      return DeviceAccess.UNGUARDED;
    }
    return insecure ? DeviceAccess.ALL : DeviceAccess.DEFAULT;
  }

  /** How the filter of a step is written down. */
  private record Filter(@Nullable SeccompProfile profile, Map<String, String> annotations) {
    static final Filter NONE = new Filter(null, Map.of());
  }

  /**
   * The compiled filter, for a runtime that takes one. The profile that then stands in the
   * configuration allows nothing: a runtime that passes the annotation over starts no step, instead
   * of one without a filter.
   */
  private Filter filter(SeccompProfile profile) throws IOException {
    var program = kind == Kind.CRUN ? filters.program(profile) : Optional.<byte[]>empty();
    if (program.isEmpty()) {
      return new Filter(profile, Map.of());
    }
    String text = Base64.getEncoder().encodeToString(program.get());
    return new Filter(
        new SeccompProfile(Errno.EPERM, List.of(), List.of()), Map.of(BPF_ANNOTATION, text));
  }

  private List<Namespace> namespaces(NetworkHandle network) {
    var namespaces = new ArrayList<Namespace>();
    for (String type : List.of("pid", "mount", "ipc", "uts")) {
      namespaces.add(new Namespace(type, null));
    }
    if (cgroups.layout() == CgroupHost.Layout.V2 && cgroups.writable()) {
      namespaces.add(new Namespace("cgroup", null)); // version 1 keeps its paths to itself badly
    }
    String path = network.namespacePath();
    if (path != null) {
      namespaces.add(new Namespace("network", path));
    } else if (network.mode() != NetMode.HOST) {
      // The last line of defence: no path means the host's network.
      throw new IllegalStateException("network mode " + network.mode() + " came without namespace");
    }
    return namespaces;
  }

  /** Lets every user ping; the host's own setting is not ours. */
  private static Map<String, String> sysctl(NetworkHandle network) {
    return network.namespacePath() == null
        ? Map.of()
        : Map.of("net.ipv4.ping_group_range", "0 2147483647");
  }

  private @Nullable LinuxResources limits(@Nullable LinuxResources wanted) {
    if (wanted == null || wanted.equals(new LinuxResources(0, 0, 0, 0, 0, "", ""))) {
      return null;
    }
    if (!cgroups.writable()) {
      throw new BuildException(
          Code.UNAVAILABLE,
          "resource limits: the step asks for memory or cpu limits, but jbuild cannot make control"
              + " groups below /sys/fs/cgroup here: mount them writable, or drop the limits");
    }
    return wanted;
  }

  /** A daemon that the kernel spares must not hand that on; raising the score is always allowed. */
  private static @Nullable Integer oomScore() throws IOException {
    return Files.readString(OWN_OOM_SCORE).startsWith("-") ? 0 : null;
  }

  /** Mounts that every sandbox has. */
  static List<MountPoint> standardMounts(
      StepDirectory step, boolean insecure, boolean showCgroups) {
    var mounts = new ArrayList<MountPoint>();
    mounts.add(new MountPoint("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    mounts.add(
        new MountPoint(
            "/dev", "tmpfs", "tmpfs", List.of("nosuid", "strictatime", "mode=755", "size=65536k")));
    mounts.add(
        new MountPoint(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5")));
    mounts.add(
        new MountPoint(
            "/dev/shm",
            "tmpfs",
            "shm",
            List.of("nosuid", "noexec", "nodev", "mode=1777", "size=65536k")));
    mounts.add(
        new MountPoint("/dev/mqueue", "mqueue", "mqueue", List.of("nosuid", "noexec", "nodev")));
    String access = insecure ? "rw" : "ro";
    mounts.add(
        new MountPoint("/sys", "sysfs", "sysfs", List.of("nosuid", "noexec", "nodev", access)));
    if (showCgroups) {
      mounts.add(
          new MountPoint(
              "/sys/fs/cgroup",
              "cgroup",
              "cgroup",
              List.of("nosuid", "noexec", "nodev", "relatime", access)));
    }
    var options = List.of("rbind", "ro", "nosuid", "noexec", "nodev");
    mounts.add(new MountPoint("/etc/resolv.conf", "bind", step.resolvConf().toString(), options));
    mounts.add(new MountPoint("/etc/hosts", "bind", step.hosts().toString(), options));
    return mounts;
  }
}
