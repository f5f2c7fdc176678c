package dev.jbuild.daemon.history;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One listener's events that it has not taken yet. */
public final class Subscription implements AutoCloseable {
  private static final int WAITING = 4_096;

  private final ArrayBlockingQueue<HistoryEvent> events = new ArrayBlockingQueue<>(WAITING);
  private final Consumer<Subscription> end;
  private volatile boolean overrun;

  Subscription(Consumer<Subscription> end) {
    this.end = end;
  }

  void offer(HistoryEvent event) {
    if (!events.offer(event)) {
      overrun = true;
    }
  }

  /**
   * The next event.
   *
   * @return null when there is none in time
   * @throws BuildException RESOURCE_EXHAUSTED when events were lost: the listener was too slow
   */
  public @Nullable HistoryEvent next(long timeoutMillis) throws InterruptedException {
    if (overrun) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "the build history: more than " + WAITING + " events wait for this listener; ask again");
    }
    return events.poll(timeoutMillis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    end.accept(this);
  }
}
