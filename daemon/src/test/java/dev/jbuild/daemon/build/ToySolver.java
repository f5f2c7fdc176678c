package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.Solver;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.ProgressSink;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Runs each edge's op at once, one after the other; no cache, no sharing. */
public final class ToySolver implements Solver {
  /** How many jobs are open. */
  public final AtomicInteger open = new AtomicInteger();

  private final class ToyJob implements Job {
    private final String id;
    private final ProgressSink sink;

    ToyJob(String id, ProgressSink sink) {
      this.id = id;
      this.sink = sink;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public void cancel() {}

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }

  @Override
  public Job open(String id, ProgressSink sink) {
    open.incrementAndGet();
    return new ToyJob(id, sink);
  }

  @Override
  public List<Result> solve(Job job, List<Edge> edges) throws InterruptedException {
    var results = new ArrayList<Result>();
    for (Edge edge : edges) {
      results.add(run(edge.vertex(), ((ToyJob) job).sink));
    }
    return results;
  }

  private static Result run(Vertex vertex, ProgressSink sink) throws InterruptedException {
    Instant now = Instant.ofEpochSecond(1_700_000_000);
    sink.accept(state(vertex, null, null, null));
    sink.accept(new ProgressEvent.Trace(vertex.digest(), now, "runs: a toy has no cache"));
    sink.accept(state(vertex, now, null, null));
    VertexProgress progress =
        new VertexProgress() {
          @Override
          public void log(Stream stream, byte[] bytes, int offset, int length) {
            byte[] copy = Arrays.copyOfRange(bytes, offset, offset + length);
            sink.accept(new ProgressEvent.Log(vertex.digest(), now, stream, Bytes.copyOf(copy)));
          }

          @Override
          public void status(String id, long current, long total, boolean done) {}
        };
    try {
      Result result = vertex.op().execute(() -> progress, List.of()).get(0);
      sink.accept(state(vertex, now, now.plusMillis(250), null));
      return result;
    } catch (BuildException failure) {
      sink.accept(state(vertex, now, now.plusMillis(250), failure.message()));
      BuildException described = failure;
      for (Detail detail : vertex.origin()) {
        described = described.with(detail);
      }
      throw described;
    }
  }

  private static ProgressEvent.VertexState state(
      Vertex vertex,
      @Nullable Instant started,
      @Nullable Instant completed,
      @Nullable String error) {
    return new ProgressEvent.VertexState(
        vertex.digest(), List.of(), vertex.name(), false, started, completed, error);
  }
}
