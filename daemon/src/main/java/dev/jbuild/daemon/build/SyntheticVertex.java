package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.ProgressSink;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Clock;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Work that is shown like a vertex without being one: a look-up, an export.
 *
 * @param identity unique text of the work, from which the digest comes
 */
record SyntheticVertex(String identity, String name) {

  /** The work itself. */
  interface Work<T> {
    T run(VertexProgress progress) throws InterruptedException;
  }

  Digest digest() {
    return Bytes.utf8(identity).digest();
  }

  /** Does the work between a start and an end event; a failure passes through. */
  <T> T run(ProgressSink sink, Clock clock, Work<T> work) throws InterruptedException {
    Digest digest = digest();
    Instant started = clock.instant();
    sink.accept(state(digest, started, null, null));
    try {
      T result = work.run(new Reporter(sink, clock, digest));
      sink.accept(state(digest, started, clock.instant(), null));
      return result;
    } catch (BuildException failure) {
      sink.accept(state(digest, started, clock.instant(), failure.message()));
      throw failure;
    }
  }

  /** The event of work that took no time. */
  ProgressEvent.VertexState done(Instant time) {
    return state(digest(), time, time, null);
  }

  /** The event of work that was not done. */
  ProgressEvent.VertexState failed(Instant time, String why) {
    return state(digest(), time, time, why);
  }

  private ProgressEvent.VertexState state(
      Digest digest, Instant started, @Nullable Instant completed, @Nullable String error) {
    return new ProgressEvent.VertexState(digest, List.of(), name, false, started, completed, error);
  }

  /** Reports for the vertex; remembers when each piece of work started. */
  private record Reporter(
      ProgressSink sink, Clock clock, Digest vertex, ConcurrentHashMap<String, Instant> starts)
      implements VertexProgress {

    Reporter(ProgressSink sink, Clock clock, Digest vertex) {
      this(sink, clock, vertex, new ConcurrentHashMap<>());
    }

    @Override
    public void log(Stream stream, byte[] bytes, int offset, int length) {
      byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
      sink.accept(new ProgressEvent.Log(vertex, clock.instant(), stream, Bytes.copyOf(copy)));
    }

    @Override
    public void status(String id, long current, long total, boolean done) {
      Instant now = clock.instant();
      Instant started = starts.computeIfAbsent(id, key -> now);
      sink.accept(
          new ProgressEvent.Status(vertex, id, current, total, now, started, done ? now : null));
    }
  }
}
