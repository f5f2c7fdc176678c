package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.mount.Mount;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.SandboxMount;
import dev.jbuild.process.runtime.MountStubs.Target;
import dev.jbuild.process.spec.RuntimeSpec.MountPoint;
import dev.jbuild.process.spec.SpecWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** One step from its mounts to its exit code. Closing takes away all it made, on every path. */
final class StepRun implements AutoCloseable {
  private final Kernel kernel;
  private final Sandboxes host;
  private final Executor pumps;
  private final ProcessRequest request;
  private final StepDirectory step;
  private final String cgroup;
  private final StepMounts mounts;
  private final MountStubs stubs;
  private final StepMemory memory;
  private final Joins joins;

  /** Makes only the step's directory. */
  static StepRun open(Kernel kernel, Sandboxes host, Executor pumps, ProcessRequest request)
      throws IOException {
    if (request.root().size() != 1) {
      throw new IllegalArgumentException("root: want one mount, got " + request.root().size());
    }
    String cgroup = host.group(request);
    return new StepRun(
        kernel,
        host,
        pumps,
        request,
        StepDirectory.create(host.runDirectory(), request.stepId()),
        cgroup);
  }

  private StepRun(
      Kernel kernel,
      Sandboxes host,
      Executor pumps,
      ProcessRequest request,
      StepDirectory step,
      String cgroup) {
    this.kernel = kernel;
    this.host = host;
    this.pumps = pumps;
    this.request = request;
    this.step = step;
    this.cgroup = cgroup;
    this.mounts = new StepMounts(kernel);
    var upper = StepMounts.upper(request.root().getFirst()).orElse(null);
    this.stubs = new MountStubs(kernel, step.rootfs(), upper);
    boolean joined = request.output() instanceof ProcessRequest.Attended;
    this.memory = new StepMemory(kernel, step, mounts, request.hidden(), joined);
    this.joins = new Joins(kernel, host, pumps, request, step);
  }

  int run() throws IOException, InterruptedException {
    var env = prepare();
    if (Thread.interrupted()) {
      throw new InterruptedException("step " + request.stepId() + " was cancelled before it ran");
    }
    var output = request.output();
    try (var streams = StepStreams.open(kernel, output)) {
      var process = host.launch(step, request, streams);
      var live =
          new LiveProcess(
              kernel, process, step.pid(), step.state(request.stepId()), streams, joins);
      var done = new RuntimeCall(pumps, request.stepId()).await(live, output);
      var own = host.failures().of(done.ended(step.log(), step.rootfs(), request.meta(), env));
      if (own.isPresent()) {
        throw own.get();
      }
      return done.code();
    } finally {
      joins.end();
    }
  }

  /** What no program can be given. */
  static void check(ExecMeta meta) {
    if (meta.args().isEmpty()) {
      throw new BuildException(Code.INVALID, "exec: no command: want at least one argument");
    }
    for (String text : meta.args()) {
      if (text.indexOf('\0') >= 0) {
        throw new BuildException(Code.INVALID, "exec: an argument has a NUL character in it");
      }
    }
    for (String variable : meta.env()) {
      if (variable.indexOf('\0') >= 0) {
        throw new BuildException(
            Code.INVALID,
            "environment: a variable has a NUL character in it: '"
                + variable.replace('\0', '?')
                + "'");
      }
    }
  }

  /** Makes mounts and control files; gives the step's environment. */
  private List<String> prepare() throws IOException {
    check(request.meta());
    memory.open();
    boolean insecure = request.security() == SecurityMode.INSECURE;
    mounts.mountOn(request.root().getFirst(), step.rootfs());
    if (!host.guardsDevices() && !insecure) {
      mounts.forbidDevices(step.rootfs(), request.rootReadonly());
    }
    var meta = request.meta();
    if (host.isUnusual(cgroup, request.stepId())) {
      Files.writeString(step.cgroup(), cgroup + "\n");
    }
    var user = StepUser.lookUp(kernel, step.rootfs(), meta.user());
    var env = StepEnvironment.of(meta, request.hidden().env(), user.home());
    String hostname = NameFiles.hostname(meta, request.network());
    NameFiles.write(step, meta, request.network(), hostname);
    var points = mountPoints(insecure);
    boolean terminal = StepStreams.terminal(request.output());
    var asked = new StepSpec.Asked(meta, user, env, terminal);
    var prepared = new StepSpec.Prepared(step, cgroup, asked, hostname, points);
    Files.write(step.config(), SpecWriter.write(host.spec().build(request, prepared)));
    return env;
  }

  private List<MountPoint> mountPoints(boolean insecure) throws IOException {
    var wanted = new ArrayList<MountPoint>();
    var targets = new ArrayList<Target>();
    for (int index = 0; index < request.mounts().size(); index++) {
      var mount = request.mounts().get(index);
      var source = prepared(mount, index);
      wanted.add(point(source, mount.dest()));
      targets.add(new Target(mount.dest(), StepMounts.isDirectory(source)));
    }
    for (var file : memory.files()) {
      wanted.add(file);
      targets.add(new Target(file.destination(), false));
    }
    var points = new ArrayList<MountPoint>();
    var all = new ArrayList<Target>();
    for (var standard : StepSpec.standardMounts(step, insecure, host.cgroups().writable())) {
      if (wanted.stream().noneMatch(own -> own.destination().equals(standard.destination()))) {
        points.add(standard);
        all.add(new Target(standard.destination(), !standard.type().equals("bind")));
      }
    }
    points.addAll(wanted);
    all.addAll(targets);
    stubs.make(all);
    return points;
  }

  /** A mount that the runtime can make itself: others are made here and shown by a bind. */
  private Mount prepared(SandboxMount mount, int index) throws IOException {
    var own = mount.mount();
    var place = step.mount(index);
    if (own.type().equals("overlay")) {
      mounts.mountOn(own, place);
      own = new Mount("bind", place.toString(), StepMounts.bindOptions(own));
      place = Path.of(place + "s");
    }
    if (!mount.selector().isEmpty() && own.type().equals("bind")) {
      mounts.bindInside(Path.of(own.source()), mount.selector(), place);
      own = new Mount("bind", place.toString(), StepMounts.bindOptions(own));
    }
    return own;
  }

  private static MountPoint point(Mount mount, String dest) {
    return new MountPoint(dest, mount.type(), mount.source(), mount.options());
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    failure = attempt(memory::close, failure);
    failure = attempt(stubs::remove, failure);
    failure = attempt(mounts::unmountAll, failure);
    failure = attempt(stubs::removeCopies, failure);
    failure = attempt(() -> host.removeGroup(cgroup), failure);
    failure = attempt(step::remove, failure);
    if (failure != null) {
      throw failure;
    }
  }

  private static @Nullable IOException attempt(Action action, @Nullable IOException before) {
    try {
      action.run();
      return before;
    } catch (IOException failure) {
      if (before == null) {
        return failure;
      }
      before.addSuppressed(failure);
      return before;
    }
  }

  private interface Action {
    void run() throws IOException;
  }
}
