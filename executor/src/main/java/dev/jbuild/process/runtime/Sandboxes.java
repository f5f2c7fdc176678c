package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import dev.jbuild.process.seccomp.FilterStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What all steps of this process share: the runtime, its surroundings, the watchdog. */
final class Sandboxes implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Sandboxes.class.getName());

  private final Path runDirectory;
  private final String tag;
  private final OciRuntime runtime;
  private final RuntimeBinary binary;
  private final JoinProgram joining;
  private final CgroupHost cgroups;
  private final boolean guardsDevices;
  private final StepSpec spec;
  private final RuntimeFailure failures;
  private final Object lock = new Object();
  private Watchdog watchdog; // guarded by lock

  private Sandboxes(
      Path runDirectory,
      String tag,
      OciRuntime runtime,
      RuntimeBinary binary,
      JoinProgram joining,
      CgroupHost cgroups,
      boolean guardsDevices,
      StepSpec spec,
      RuntimeFailure failures,
      Watchdog watchdog) {
    this.runDirectory = runDirectory;
    this.tag = tag;
    this.runtime = runtime;
    this.binary = binary;
    this.joining = joining;
    this.cgroups = cgroups;
    this.guardsDevices = guardsDevices;
    this.spec = spec;
    this.failures = failures;
    this.watchdog = watchdog;
  }

  /** Looks at the machine, and starts the watchdog before anything needs it. */
  static Sandboxes open(Kernel kernel, RuntimeConfig config, String tag) throws IOException {
    var runtime = RuntimeFinder.find(config);
    var cgroups = CgroupHost.detect();
    var runDirectory = config.runDirectory().toAbsolutePath();
    Files.createDirectories(runDirectory);
    var watchdog = Watchdog.start(runDirectory, tag);
    var binary = RuntimeBinary.prepare(kernel, runtime, runDirectory);
    var filters = new FilterStore(config.filterDirectory());
    boolean guardsDevices = cgroups.guardsDevices(runtime.kind(), kernel);
    return new Sandboxes(
        runDirectory,
        tag,
        runtime,
        binary,
        JoinProgram.prepare(runDirectory),
        cgroups,
        guardsDevices,
        new StepSpec(kernel, runtime.kind(), cgroups, guardsDevices, filters),
        new RuntimeFailure(kernel, runtime.kind()),
        watchdog);
  }

  Path runDirectory() {
    return runDirectory;
  }

  CgroupHost cgroups() {
    return cgroups;
  }

  /** Whether a step's group keeps device nodes from being opened. */
  boolean guardsDevices() {
    return guardsDevices;
  }

  StepSpec spec() {
    return spec;
  }

  RuntimeFailure failures() {
    return failures;
  }

  /**
   * The control group that the runtime makes for a step. In version 2 a process is in one group
   * only, so that is the one that is watched.
   */
  String group(ProcessRequest request) {
    String parent = request.meta().cgroupParent();
    if (List.of(parent.split("/", -1)).contains("..")) {
      throw new BuildException(
          Code.INVALID, "cgroup parent '" + parent + "': '..' is not allowed in it");
    }
    var watched = request.network().group();
    if (watched != null && cgroups.places(watched)) {
      if (parent.isEmpty()) {
        return cgroups.path(watched);
      }
      request
          .network()
          .leaveGroup("the step runs in the control group '" + parent + "', which is not watched");
    }
    return CgroupHost.path(parent, tag + "-" + request.stepId());
  }

  /** Whether the file of the step's directory must name the group for the watchdog. */
  boolean isUnusual(String cgroup, String stepId) {
    return !cgroup.equals(CgroupHost.path("", tag + "-" + stepId));
  }

  /** A watchdog that somebody killed is replaced before the next step. */
  private void keepWatching() throws IOException {
    synchronized (lock) {
      if (!watchdog.isAlive()) {
        LOG.log(System.Logger.Level.WARNING, "the watchdog of {0} is gone: starting another", tag);
        watchdog = Watchdog.start(runDirectory, tag);
      }
    }
  }

  /**
   * What the runtime is asked to do.
   *
   * @param log for its own errors
   * @param verb with its flags and arguments
   * @param watched control group of version 2 to start in, or null
   */
  record Errand(
      StepDirectory step,
      Path log,
      List<String> verb,
      @Nullable Path watched,
      StepStreams streams) {
    Errand {
      verb = List.copyOf(verb);
    }
  }

  /** Starts a step's first process. */
  Process launch(StepDirectory step, ProcessRequest request, StepStreams streams)
      throws IOException {
    var verb =
        List.of("run", "--bundle=" + step.path(), "--pid-file=" + step.pid(), request.stepId());
    return launch(new Errand(step, step.log(), verb, request.network().group(), streams));
  }

  /** Starts the runtime, whose streams are those of the process that it starts. */
  Process launch(Errand errand) throws IOException {
    keepWatching();
    Path watched = errand.watched();
    if (watched == null || cgroups.places(watched)) {
      return start(List.of(), false, errand);
    }
    if (!cgroups.wrapper(runtime.kind(), true).isEmpty()) {
      return start(JoinProgram.byShell(watched), true, errand); // it looks in the path
    }
    try {
      return start(joining.before(watched), true, errand);
    } catch (IOException refused) {
      LOG.log(System.Logger.Level.DEBUG, "a shell puts {0} into its group", errand.step().path());
      return start(JoinProgram.byShell(watched), true, errand);
    }
  }

  private Process start(List<String> before, boolean joins, Errand errand) throws IOException {
    var command = new ArrayList<>(errand.streams().before());
    command.addAll(before);
    command.addAll(cgroups.wrapper(runtime.kind(), joins));
    command.add(binary.path().toString());
    command.add("--root=" + errand.step().state());
    if (runtime.kind() == Kind.CRUN) {
      command.add("--log=file:" + errand.log());
      command.add("--log-format=text");
      command.add("--cgroup-manager=" + (cgroups.writable() ? "cgroupfs" : "disabled"));
    } else {
      command.add("--log=" + errand.log());
      command.add("--log-format=json");
      if (!cgroups.writable()) {
        command.add("--rootless=true"); // lets it go on without groups
      }
    }
    command.addAll(errand.verb());
    var builder = new ProcessBuilder(command);
    if (!errand.streams().writes()) {
      builder.redirectInput(Path.of("/dev/null").toFile());
    }
    builder.environment().clear();
    builder.environment().put("PATH", StepEnvironment.DEFAULT_PATH);
    builder.environment().putAll(binary.environment());
    return builder.start();
  }

  /** Takes away what is left of a step's group, normally nothing. */
  void removeGroup(String cgroup) throws IOException {
    if (!cgroups.writable()) {
      return;
    }
    for (Path directory : cgroups.directories(cgroup)) {
      if (Files.isDirectory(directory)) {
        removeGroup(directory);
      }
    }
  }

  private static void removeGroup(Path directory) throws IOException {
    try (var children = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path child : children) {
        removeGroup(child);
      }
    } catch (NoSuchFileException gone) {
      return;
    }
    if (!Files.exists(directory.resolve("cgroup.controllers"))
        && !Files.exists(directory.resolve("cgroup.clone_children"))) {
      // Not a group: crun made a plain directory with this one file.
      Files.deleteIfExists(directory.resolve("cgroup.procs"));
    }
    Files.deleteIfExists(directory);
  }

  @Override
  public void close() throws IOException {
    synchronized (lock) {
      watchdog.close();
    }
  }
}
