package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.cache.CacheRecord;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Brings results of one job to hand: from the result store, or, where it has lost them, by running
 * the vertices again, and what they need, and no more. The walk keeps its own stack.
 */
final class Loading {
  private static final int MAX_ROUNDS = 3;

  private final Evaluation.Services services;
  private final EvalJob job;
  private final GraphRun.Work<JobVertex> revive;

  /**
   * @param revive runs a vertex whose inputs are loaded
   */
  Loading(Evaluation.Services services, EvalJob job, GraphRun.Work<JobVertex> revive) {
    this.services = services;
    this.job = job;
    this.revive = revive;
  }

  /** Afterwards {@link #result} has these. The vertices must have been evaluated. */
  void load(List<Edge> edges) throws InterruptedException {
    for (int round = 0; round < MAX_ROUNDS; round++) {
      Map<JobVertex, Set<JobVertex>> lost = lost(edges);
      if (lost.isEmpty()) {
        return;
      }
      try {
        new GraphRun<>(services.threads(), services.cancelWait(), revive).run(lost);
      } catch (BuildException e) {
        throw new InputFailure(e);
      }
    }
    if (!lost(edges).isEmpty()) {
      throw new BuildException(
          Code.DATA_LOSS,
          "a result of this build keeps vanishing while it is used: is something else deleting"
              + " files below the state directory");
    }
  }

  /** A result that was loaded. */
  Result result(Edge edge) {
    Output output = job.vertex(edge).output(edge.index());
    if (output == null || output.result() == null) {
      throw new IllegalStateException(edge + " is not loaded");
    }
    return output.result();
  }

  /** Whether all that is known of this vertex is at hand, loading it where it can be. */
  boolean loaded(JobVertex vertex) {
    boolean all = true;
    for (int index : vertex.known()) {
      all &= loaded(vertex, index);
    }
    return all;
  }

  /** Vertices to be run again, each with those of them that it needs. */
  private Map<JobVertex, Set<JobVertex>> lost(List<Edge> edges) {
    var lost = new LinkedHashMap<JobVertex, Set<JobVertex>>();
    var open = new ArrayDeque<>(edges);
    while (!open.isEmpty()) {
      Edge edge = open.poll();
      JobVertex vertex = job.vertex(edge);
      if (!lost.containsKey(vertex) && !loaded(vertex, edge.index())) {
        lost.put(vertex, new LinkedHashSet<>());
        open.addAll(vertex.vertex().inputs());
      }
    }
    lost.forEach(
        (vertex, needs) -> {
          for (Edge input : vertex.vertex().inputs()) {
            JobVertex before = job.vertex(input);
            if (lost.containsKey(before)) {
              needs.add(before);
            }
          }
        });
    return lost;
  }

  private boolean loaded(JobVertex vertex, int index) {
    Output output = vertex.output(index);
    if (output == null) {
      return false;
    }
    if (output.result() != null) {
      return true;
    }
    @Nullable CacheRecord record = output.record();
    if (record == null) {
      return false;
    }
    Optional<Result> result = services.results().load(record.resultId());
    result.ifPresentOrElse(
        loaded -> vertex.found(index, output.with(loaded)), () -> services.keys().forget(record));
    return result.isPresent();
  }
}
