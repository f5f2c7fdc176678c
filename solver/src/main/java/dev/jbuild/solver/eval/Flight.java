package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Result;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One run under way, on a thread of its own, and those who wait for it. It never waits for another
 * run, so runs cannot wait for each other in a circle.
 */
final class Flight {
  private static final System.Logger LOG = System.getLogger(Flight.class.getName());

  private final FlightKey key;
  private final Semaphore slots;
  private final Broadcast broadcast;
  private final Consumer<Flight> ended;
  private final CountDownLatch gone = new CountDownLatch(1);

  /** Guarded by this, like the two below. */
  private final List<Seat> seats = new ArrayList<>();

  private boolean closed;
  private @Nullable Thread thread;

  /** A place in the flight. */
  record Seat(Waiter waiter, CompletableFuture<Landing> arrival) {}

  /**
   * How a flight ended well.
   *
   * @param worked false when the outputs were there already
   */
  record Landing(List<Output> outputs, boolean worked) {}

  Flight(FlightKey key, Semaphore slots, Broadcast broadcast, Consumer<Flight> ended) {
    this.key = key;
    this.slots = slots;
    this.broadcast = broadcast;
    this.ended = ended;
  }

  FlightKey key() {
    return key;
  }

  /** Empty when it has ended or is being cancelled: then wait until it is gone. */
  synchronized Optional<Seat> join(Waiter waiter) {
    if (closed) {
      return Optional.empty();
    }
    var seat = new Seat(waiter, new CompletableFuture<>());
    if (!seats.isEmpty()) {
      waiter.report().trace("shared: the same step is running already");
    }
    seats.add(seat);
    broadcast.add(waiter.report());
    return Optional.of(seat);
  }

  /** To be called by the first one who joined. */
  void start(ThreadFactory threads) {
    Thread created = threads.newThread(this::run);
    synchronized (this) {
      thread = created;
    }
    created.start();
  }

  Landing await(Seat seat, Duration cancelWait) throws InterruptedException {
    try {
      return seat.arrival().get();
    } catch (InterruptedException e) {
      leave(seat, cancelWait);
      throw e;
    } catch (ExecutionException e) {
      throw Thrown.unchecked(e.getCause());
    }
  }

  /** Waits for the thread to have ended; false when it does not in time. */
  boolean awaitGone(Duration limit) throws InterruptedException {
    return gone.await(limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void leave(Seat seat, Duration cancelWait) {
    synchronized (this) {
      seats.remove(seat);
      broadcast.remove(seat.waiter().report());
      if (!seats.isEmpty() || closed) {
        return;
      }
      closed = true;
      if (thread != null) {
        thread.interrupt();
      }
    }
    boolean interrupted = Thread.interrupted();
    long deadline = System.nanoTime() + cancelWait.toNanos();
    while (gone.getCount() > 0) {
      try {
        if (!gone.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          LOG.log(Level.WARNING, "a cancelled step has not stopped within {0}", cancelWait);
          break;
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      Set<String> tried = new HashSet<>();
      @Nullable Waiter pilot = pilot(tried);
      while (pilot != null) {
        tried.add(pilot.job());
        try {
          arrive(fly(pilot));
          break;
        } catch (InterruptedException e) {
          pilot = afterFailure(cancelled(e), pilot, tried);
        } catch (RuntimeException | Error e) {
          pilot = afterFailure(e, pilot, tried);
        }
      }
    } finally {
      ended.accept(this);
      gone.countDown();
    }
  }

  private Landing fly(Waiter pilot) throws InterruptedException {
    Optional<List<Output>> known = pilot.recall();
    if (known.isPresent()) {
      broadcast.trace("hit: an earlier run has just ended");
      return new Landing(known.get(), false);
    }
    return new Landing(pilot.record(execute(pilot)), true);
  }

  private Waiter.Made execute(Waiter pilot) throws InterruptedException {
    if (pilot.heavy()) {
      slots.acquire();
    }
    try {
      broadcast.start();
      List<Result> results = pilot.execute(broadcast);
      return new Waiter.Made(results, broadcast.isIndependent());
    } finally {
      if (pilot.heavy()) {
        slots.release();
      }
    }
  }

  private synchronized @Nullable Waiter pilot(Set<String> tried) {
    for (Seat seat : seats) {
      if (!tried.contains(seat.waiter().job())) {
        return seat.waiter();
      }
    }
    return null;
  }

  private synchronized void arrive(Landing landing) {
    closed = true;
    seats.forEach(seat -> seat.arrival().complete(landing));
  }

  /** The waiter to go on with, or null when the failure is everybody's. */
  private synchronized @Nullable Waiter afterFailure(
      Throwable failure, Waiter pilot, Set<String> tried) {
    boolean pilotWaits = seats.stream().anyMatch(seat -> seat.waiter().equals(pilot));
    @Nullable Waiter next = closed || (pilotWaits && !liesInJob(failure)) ? null : pilot(tried);
    boolean all = next == null;
    for (Seat seat : List.copyOf(seats)) {
      if (all || tried.contains(seat.waiter().job())) {
        seats.remove(seat);
        broadcast.remove(seat.waiter().report());
        seat.arrival().completeExceptionally(failure);
      }
    }
    closed = closed || all;
    if (!all && Thread.interrupted()) {
      LOG.log(Level.DEBUG, "an op left an interruption behind; another job runs it again");
    }
    return next;
  }

  /** Whether another job's session or grants may fare better. */
  private static boolean liesInJob(Throwable failure) {
    return failure instanceof BuildException known
        && switch (known.code()) {
          case CANCELLED, NOT_FOUND, PERMISSION_DENIED, UNAUTHENTICATED, UNAVAILABLE -> true;
          case INVALID,
              ALREADY_EXISTS,
              STEP_FAILED,
              RESOURCE_EXHAUSTED,
              DATA_LOSS,
              UNIMPLEMENTED,
              FAILED ->
              false;
        };
  }

  private static BuildException cancelled(InterruptedException cause) {
    return new BuildException(Code.CANCELLED, VertexReport.CANCELLED, cause);
  }
}
