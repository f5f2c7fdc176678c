package dev.jbuild.cli.progress;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A build's progress as it is shown: events come from the thread that reads the daemon's stream,
 * ticks from a timer. Its lock guards the timeline and the renderer.
 */
public final class LiveProgress implements AutoCloseable {
  private final ReentrantLock lock = new ReentrantLock();
  private final Renderer renderer;
  private final Timeline timeline;
  private boolean ended;

  public LiveProgress(Renderer renderer) {
    this.renderer = renderer;
    this.timeline = new Timeline(renderer);
  }

  /** Prints the first line. */
  public void begin(String title) {
    locked(() -> renderer.begin(title));
  }

  /** Takes events; those that come after {@link #end} are dropped. */
  public void accept(List<BuildEvent> events) {
    locked(() -> timeline.accept(events));
  }

  /** Lets times on the screen go on. */
  public void tick() {
    locked(() -> renderer.refresh(timeline));
  }

  /** The steps that failed by themselves, in the order of their start. */
  public List<Step> failedSteps() {
    lock.lock();
    try {
      return timeline.steps().stream().filter(Step::failed).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The step of that digest, if it started. */
  public Optional<Step> step(String digest) {
    lock.lock();
    try {
      return timeline.step(digest);
    } finally {
      lock.unlock();
    }
  }

  public List<BuildEvent.Warning> warnings() {
    lock.lock();
    try {
      return timeline.warnings();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    end();
  }

  /** Shows the end state, once. */
  public void end() {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        renderer.end(timeline);
      }
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      if (!ended) {
        action.run();
      }
    } finally {
      lock.unlock();
    }
  }
}
