package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The builds that run, and for a while those that ended, by their refs. Its lock guards the table.
 */
public final class Builds {
  /** How long the events of a build stay readable after its end, at least. */
  static final Duration KEEP = Duration.ofSeconds(30);

  private static final int RUNNING = 1_000;
  private static final int ENDED = 256;

  private final Clock clock;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition added = lock.newCondition();
  private final Map<String, Build> running = new LinkedHashMap<>();
  private final Map<String, Ended> ended = new LinkedHashMap<>();
  private boolean stopping;

  public Builds(Clock clock) {
    this.clock = clock;
  }

  private record Ended(Build build, Instant at) {}

  /**
   * Adds a build.
   *
   * @throws BuildException INVALID when a build of that ref runs, RESOURCE_EXHAUSTED when too many
   *     builds run, UNAVAILABLE after {@link #stop}
   */
  void add(Build build) {
    lock.lock();
    try {
      if (stopping) {
        throw stopped();
      }
      if (running.containsKey(build.ref())) {
        throw new BuildException(Code.INVALID, "job ID " + build.ref() + " exists");
      }
      if (running.size() >= RUNNING) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED, "the daemon runs " + RUNNING + " builds already");
      }
      running.put(build.ref(), build);
      ended.remove(build.ref());
      forget();
      added.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Moves a build to those that ended. */
  void end(Build build) {
    lock.lock();
    try {
      running.remove(build.ref(), build);
      ended.put(build.ref(), new Ended(build, clock.instant()));
      forget();
    } finally {
      lock.unlock();
    }
  }

  private void forget() {
    Instant oldest = clock.instant().minus(KEEP);
    var each = ended.values().iterator();
    while (each.hasNext()) {
      boolean old = each.next().at().isBefore(oldest);
      if (!old && ended.size() <= ENDED) {
        break;
      }
      each.remove();
    }
  }

  /**
   * The build of a ref; waits for one that is not there yet.
   *
   * @throws BuildException UNAVAILABLE instead of waiting after {@link #stop}
   */
  public Optional<Build> find(String ref, long timeoutMillis) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (true) {
        Build build = running.get(ref);
        if (build != null) {
          return Optional.of(build);
        }
        Ended old = ended.get(ref);
        if (old != null) {
          return Optional.of(old.build());
        }
        if (left <= 0) {
          return Optional.empty();
        }
        if (stopping) {
          throw stopped();
        }
        left = added.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** From here on no build begins; gives those that still run. */
  List<Build> stop() {
    lock.lock();
    try {
      stopping = true;
      added.signalAll();
      return List.copyOf(running.values());
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #stop} was called. */
  boolean stopping() {
    lock.lock();
    try {
      return stopping;
    } finally {
      lock.unlock();
    }
  }

  /** What clients are told whose builds the daemon's end has ended, or never let begin. */
  static BuildException stopped() {
    return new BuildException(
        Code.UNAVAILABLE,
        "the daemon was told to stop, which ended the build: run it again when the daemon is back;"
            + " steps that are done are kept");
  }
}
