package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.RunningProcess.Joining;
import dev.jbuild.process.spec.SpecWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The processes that have joined the first one of a step, which they do not outlive. Its lock
 * guards the set.
 */
final class Joins {
  private static final System.Logger LOG = System.getLogger(Joins.class.getName());

  /** So many at once. */
  private static final int PROCESSES = 100;

  private static final long PATIENCE_SECONDS = 3;
  private static final long LIMIT_SECONDS = 30;

  private final Kernel kernel;
  private final Sandboxes host;
  private final Executor pumps;
  private final ProcessRequest sandbox;
  private final StepDirectory step;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<Thread> threads = new HashSet<>();
  private int last;
  private boolean ended;

  Joins(Kernel kernel, Sandboxes host, Executor pumps, ProcessRequest sandbox, StepDirectory step) {
    this.kernel = kernel;
    this.host = host;
    this.pumps = pumps;
    this.sandbox = sandbox;
    this.step = step;
  }

  int run(Joining joining) throws IOException, InterruptedException {
    int number = begin();
    try {
      return run(joining, number);
    } finally {
      leave();
    }
  }

  private int begin() throws IOException {
    lock.lock();
    try {
      if (ended) {
        throw new IOException("the first process of the sandbox has ended");
      }
      if (threads.size() >= PROCESSES) {
        throw new IOException("the sandbox runs " + PROCESSES + " processes, no more can join");
      }
      threads.add(Thread.currentThread());
      return ++last;
    } finally {
      lock.unlock();
    }
  }

  private void leave() {
    lock.lock();
    try {
      threads.remove(Thread.currentThread());
      left.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private int run(Joining joining, int number) throws IOException, InterruptedException {
    var meta = joining.meta();
    StepRun.check(meta);
    var user = StepUser.lookUp(kernel, step.rootfs(), meta.user());
    var env = StepEnvironment.of(meta, joining.hiddenEnv(), user.home());
    var output = joining.output();
    var asked = new StepSpec.Asked(meta, user, env, StepStreams.terminal(output));
    var config = step.memory().resolve("process" + number); // with its secrets
    var pid = step.joined("pid", number);
    var log = step.joined("log", number);
    Files.write(config, SpecWriter.write(host.spec().process(sandbox, asked)));
    var verb = List.of("exec", "--process=" + config, "--pid-file=" + pid, sandbox.stepId());
    try (var streams = StepStreams.open(kernel, output)) {
      var group = sandbox.network().group();
      var process = host.launch(new Sandboxes.Errand(step, log, verb, group, streams));
      var live = new LiveProcess(kernel, process, pid, pid, streams, this);
      var done = new RuntimeCall(pumps, sandbox.stepId()).await(live, output);
      var own = host.failures().of(done.ended(log, step.rootfs(), meta, env));
      if (own.isPresent()) {
        throw own.get();
      }
      return done.code();
    } finally {
      Files.deleteIfExists(config);
    }
  }

  /**
   * No process joins any more, and waits for those that have: the kernel has killed them with the
   * first one, and one that was only about to join is interrupted.
   */
  void end() {
    boolean interrupted = false;
    lock.lock();
    try {
      ended = true;
      long rest = TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
      long patience = rest - TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!threads.isEmpty() && rest > 0) {
        try {
          if (rest <= patience) {
            threads.forEach(Thread::interrupt);
            rest = left.awaitNanos(rest);
          } else {
            rest = patience + left.awaitNanos(rest - patience);
          }
        } catch (InterruptedException again) {
          interrupted = true;
        }
      }
      if (!threads.isEmpty()) {
        LOG.log(
            System.Logger.Level.ERROR,
            "step {0}: {1} joined processes do not end",
            sandbox.stepId(),
            threads.size());
      }
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
