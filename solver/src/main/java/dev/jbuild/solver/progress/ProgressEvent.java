package dev.jbuild.solver.progress;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One thing that happened in a job. Times come from the daemon's clock. */
public sealed interface ProgressEvent {

  /**
   * The state of a vertex. First sent when the graph is loaded (no times), then when work on it
   * starts, then when it ends; a vertex may start and end more than once.
   *
   * @param error null while all is well
   */
  record VertexState(
      Digest digest,
      List<Digest> inputs,
      String name,
      boolean cached,
      @Nullable Instant started,
      @Nullable Instant completed,
      @Nullable String error)
      implements ProgressEvent {
    public VertexState {
      inputs = List.copyOf(inputs);
    }
  }

  /** Output of a step. */
  record Log(Digest vertex, Instant time, VertexProgress.Stream stream, Bytes data)
      implements ProgressEvent {}

  /** Sub-progress of a vertex. */
  record Status(
      Digest vertex,
      String id,
      long current,
      long total,
      Instant time,
      Instant started,
      @Nullable Instant completed)
      implements ProgressEvent {}

  /**
   * Why a vertex ran or did not: the base of {@code jbuild explain}.
   *
   * @param text one line, such as {@code hit by content of input 0}
   */
  record Trace(Digest vertex, Instant time, String text) implements ProgressEvent {}
}
