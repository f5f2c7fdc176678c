package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.SecurityMode;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.ops.ContainerPrograms.Program;
import dev.jbuild.ops.ContainerPrograms.Sandbox;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.RunningProcess;
import dev.jbuild.solver.Result;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A container of a frontend: its first process is joined by the others, which do not outlive it;
 * its files stay until it is released. There is nothing of it before somebody wants one of both.
 * Its lock guards who is in it.
 */
final class Container {
  private final ContainerSpec spec;
  private final List<Result> inputs;
  private final ContainerPrograms programs;
  private final CompletableFuture<RunningProcess> first = new CompletableFuture<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition left = lock.newCondition();
  private final Set<Thread> threads = new HashSet<>();
  private final ReentrantLock opening = new ReentrantLock();
  private @Nullable Sandbox sandbox; // guarded by opening
  private @Nullable SecurityMode security; // of the first process, null before
  private boolean released;

  Container(ContainerSpec spec, List<Result> inputs, ContainerPrograms programs) {
    this.spec = spec;
    this.inputs = List.copyOf(inputs);
    this.programs = programs;
    programs.check(new Program(spec.place(), spec.op(), this.inputs));
  }

  /** Runs a process in this thread and gives its exit code. */
  int run(ExecOp asked, Attended output) throws InterruptedException {
    return inside(
        () -> {
          boolean begins = begins(asked.security());
          var program = new Program(spec.place(), spec.with(asked), inputs);
          return begins ? begin(program, output) : opened().join(running(), program, output);
        });
  }

  /** Looks at files of a mount. */
  <T> T reading(int mount, ReadableTree.Question<T> question) throws InterruptedException {
    return inside(() -> question.of(new ReadableTree.OfMount(opened().files(mount))));
  }

  /** What a thread does with a container. */
  private interface Stay<T> {
    T run() throws InterruptedException;
  }

  private <T> T inside(Stay<T> stay) throws InterruptedException {
    enter();
    try {
      return stay.run();
    } catch (InterruptedException cancelled) {
      if (wasReleased()) {
        throw gone("was released");
      }
      throw cancelled;
    } finally {
      leave();
    }
  }

  private void enter() {
    lock.lock();
    try {
      if (released) {
        throw gone("was released");
      }
      threads.add(Thread.currentThread());
    } finally {
      lock.unlock();
    }
  }

  /** The mounts, made when they are wanted first. */
  private Sandbox opened() throws InterruptedException {
    opening.lockInterruptibly();
    try {
      Sandbox known = sandbox;
      if (known == null) {
        known = programs.open(new Program(spec.place(), spec.op(), inputs));
        sandbox = known;
      }
      return known;
    } finally {
      opening.unlock();
    }
  }

  /** Whether this thread's process is the first. */
  private boolean begins(SecurityMode asked) {
    lock.lock();
    try {
      boolean begins = security == null;
      if (begins) {
        security = asked;
      } else if (security != asked) {
        throw new BuildException(
            Code.INVALID,
            "container '"
                + spec.id()
                + "': a process of security mode "
                + asked
                + " can not join one of mode "
                + security);
      }
      return begins;
    } finally {
      lock.unlock();
    }
  }

  private int begin(Program program, Attended output) throws InterruptedException {
    try {
      return opened().run(program, new First(output));
    } finally {
      first.completeExceptionally(gone("has ended: its first process did not begin"));
    }
  }

  private RunningProcess running() throws InterruptedException {
    try {
      return first.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof BuildException ended
          ? ended
          : new IllegalStateException(e.getCause());
    }
  }

  private BuildException gone(String why) {
    return new BuildException(Code.NOT_FOUND, "container '" + spec.id() + "' " + why);
  }

  private boolean wasReleased() {
    lock.lock();
    try {
      return released;
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

  /**
   * Kills what runs in it, waits until it is gone, and drops its files; nothing runs in it
   * afterwards.
   */
  void release() {
    lock.lock();
    try {
      released = true;
      threads.forEach(Thread::interrupt);
      while (!threads.isEmpty()) {
        left.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
    opening.lock();
    try {
      if (sandbox != null) {
        sandbox.close();
        sandbox = null;
      }
    } finally {
      opening.unlock();
    }
  }

  /** Lets others join when the process has started. */
  private final class First implements Attended {
    private final Attended own;

    First(Attended own) {
      this.own = own;
    }

    @Override
    public boolean terminal() {
      return own.terminal();
    }

    @Override
    public void started(RunningProcess process) {
      own.started(process);
      first.complete(process);
    }

    @Override
    public void stdin(OutputStream in) {
      own.stdin(in);
    }

    @Override
    public void stdout(byte[] bytes, int offset, int length) {
      own.stdout(bytes, offset, length);
    }

    @Override
    public void stderr(byte[] bytes, int offset, int length) {
      own.stderr(bytes, offset, length);
    }
  }
}
