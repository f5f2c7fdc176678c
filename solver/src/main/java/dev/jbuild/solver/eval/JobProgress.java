package dev.jbuild.solver.eval;

import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.ProgressSink;
import java.time.Instant;
import java.time.InstantSource;

/** The way of one job's events to its sink, until the job ends. */
final class JobProgress {
  private final ProgressSink sink;
  private final InstantSource clock;
  private volatile boolean ended;

  JobProgress(ProgressSink sink, InstantSource clock) {
    this.sink = sink;
    this.clock = clock;
  }

  Instant now() {
    return clock.instant();
  }

  void send(ProgressEvent event) {
    if (!ended) {
      sink.accept(event);
    }
  }

  void end() {
    ended = true;
  }
}
