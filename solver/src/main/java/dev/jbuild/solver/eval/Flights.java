package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;

/** The runs under way, at most one per key. Safe for use by several threads. */
final class Flights {
  private final ConcurrentHashMap<FlightKey, Flight> running = new ConcurrentHashMap<>();
  private final ThreadFactory threads;
  private final Semaphore slots;
  private final InstantSource clock;
  private final Duration cancelWait;

  /**
   * @param parallelism how many heavy ops execute at the same time
   * @param cancelWait how long to wait for an interrupted op to end
   */
  Flights(ThreadFactory threads, int parallelism, InstantSource clock, Duration cancelWait) {
    this.threads = threads;
    this.slots = new Semaphore(parallelism, true);
    this.clock = clock;
    this.cancelWait = cancelWait;
  }

  /**
   * Joins the run of this key or begins it, and waits for its outputs. A run whose last waiter
   * leaves is interrupted, and the one who left waits for it to be gone. A run that fails for a
   * reason that lies in its job is run again by another job that waits.
   */
  Flight.Landing await(FlightKey key, Waiter waiter) throws InterruptedException {
    while (true) {
      var fresh = new Flight(key, slots, new Broadcast(clock), this::ended);
      Flight present = running.putIfAbsent(key, fresh);
      Flight flight = present == null ? fresh : present;
      var seat = flight.join(waiter);
      if (seat.isEmpty()) {
        awaitGone(flight);
        continue;
      }
      if (present == null) {
        flight.start(threads);
      }
      return flight.await(seat.get(), cancelWait);
    }
  }

  private void awaitGone(Flight flight) throws InterruptedException {
    if (!flight.awaitGone(cancelWait)) {
      throw new BuildException(
          Code.UNAVAILABLE,
          "an earlier run of this step was cancelled and has not stopped within "
              + cancelWait.toSeconds()
              + " s; try again once its processes are gone");
    }
  }

  private void ended(Flight flight) {
    running.remove(flight.key(), flight);
  }
}
