package dev.jbuild.source;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;

/**
 * Does work once for all who ask for it at the same time. When the one that does it is cancelled,
 * another takes over. Safe for use by several threads.
 */
public final class SingleFlight<K, V> {
  private final ConcurrentHashMap<K, CompletableFuture<V>> flights = new ConcurrentHashMap<>();

  /**
   * Work that may fail.
   *
   * @param <E> how, besides by unchecked exceptions
   */
  public interface Work<V, E extends Exception> {
    V run() throws E, InterruptedException;
  }

  /**
   * Runs the work, or waits for who runs it already.
   *
   * @param failure the class of {@code E}
   */
  public <E extends Exception> V run(K key, Class<E> failure, Work<V, E> work)
      throws E, InterruptedException {
    while (true) {
      var mine = new CompletableFuture<V>();
      CompletableFuture<V> running = flights.putIfAbsent(key, mine);
      if (running == null) {
        return lead(key, mine, work);
      }
      try {
        return running.get();
      } catch (ExecutionException e) {
        Throwable cause = e.getCause();
        if (cause instanceof InterruptedException) {
          continue; // the other one's build was cancelled, not this one
        }
        if (failure.isInstance(cause)) {
          throw failure.cast(cause);
        }
        if (cause instanceof RuntimeException unchecked) {
          throw unchecked;
        }
        throw new IllegalStateException("work failed in a way it does not declare", cause);
      }
    }
  }

  private <E extends Exception> V lead(K key, CompletableFuture<V> mine, Work<V, E> work)
      throws E, InterruptedException {
    try {
      V value = work.run();
      mine.complete(value);
      return value;
    } catch (Throwable failure) {
      mine.completeExceptionally(failure);
      throw failure;
    } finally {
      flights.remove(key, mine);
    }
  }
}
