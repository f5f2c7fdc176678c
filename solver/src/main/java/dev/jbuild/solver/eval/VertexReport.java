package dev.jbuild.solver.eval;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.VertexProgress;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one job is told about one vertex. Intervals are well-formed whatever the callers do: no
 * second start while one is open, no end without a start. Pieces of work that are reported after
 * the end, such as layers that are pulled when another vertex needs them, make an interval of their
 * own, which ends with the last of them. Source: wire facts, "Status stream".
 */
final class VertexReport implements VertexProgress {
  /** The text by which clients know a cancelled vertex from a failed one. */
  static final String CANCELLED = "context canceled";

  private static final int MAX_STATUSES = 1024;

  private final JobProgress job;
  private final Digest digest;
  private final String name;
  private final List<Digest> inputs;
  private final Map<String, Instant> statusStarts = new HashMap<>();
  private @Nullable Instant started;
  private boolean ended;

  VertexReport(JobProgress job, Vertex vertex) {
    this.job = job;
    this.digest = vertex.digest();
    this.name = vertex.name();
    this.inputs =
        vertex.inputs().stream().map(Edge::vertex).map(Vertex::digest).distinct().toList();
  }

  /** The vertex is known; nothing was done yet. */
  void loaded() {
    job.send(new ProgressEvent.VertexState(digest, inputs, name, false, null, null, null));
  }

  /** Work begins, unless it has begun already. */
  synchronized void start() {
    if (started == null) {
      started = job.now();
      job.send(new ProgressEvent.VertexState(digest, inputs, name, false, started, null, null));
    }
  }

  /** The results are there after work that may have been shared. */
  void completed() {
    end(false, null);
  }

  /** The results were there already. */
  void cached() {
    end(true, null);
  }

  void failed(String error) {
    end(false, error);
  }

  /** Work was given up; says nothing where none had begun. */
  synchronized void cancelled() {
    if (started != null) {
      end(false, CANCELLED);
    }
  }

  /** One line on why something is done or not done. */
  void trace(String text) {
    job.send(new ProgressEvent.Trace(digest, job.now(), text));
  }

  @Override
  public void log(Stream stream, byte[] bytes, int offset, int length) {
    log(stream, job.now(), Bytes.copyOf(Arrays.copyOfRange(bytes, offset, offset + length)));
  }

  /** Clients subtract the vertex's start from a log's time, so none is earlier than that. */
  synchronized void log(Stream stream, Instant time, Bytes data) {
    start();
    Instant begin = started;
    Instant shown = begin != null && time.isBefore(begin) ? begin : time;
    job.send(new ProgressEvent.Log(digest, shown, stream, data));
  }

  @Override
  public synchronized void status(String id, long current, long total, boolean done) {
    start();
    Instant now = job.now();
    Instant begin = statusStarts.getOrDefault(id, now);
    if (done) {
      statusStarts.remove(id);
    } else if (statusStarts.size() < MAX_STATUSES) {
      statusStarts.putIfAbsent(id, now);
    }
    job.send(new ProgressEvent.Status(digest, id, current, total, now, begin, done ? now : null));
    if (ended && done && statusStarts.isEmpty()) {
      end(false, null);
    }
  }

  private synchronized void end(boolean cached, @Nullable String error) {
    Instant now = job.now();
    Instant begin = started == null ? now : started;
    started = null;
    ended = true;
    job.send(new ProgressEvent.VertexState(digest, inputs, name, cached, begin, now, error));
  }
}
