package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.ResultStore;
import dev.jbuild.solver.Solver;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.progress.ProgressSink;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * The solver: evaluates what a graph's edges need, shares runs between jobs. One instance serves a
 * whole daemon.
 */
public final class Evaluator implements Solver {
  private final ConcurrentHashMap<String, EvalJob> jobs = new ConcurrentHashMap<>();
  private final Evaluation.Services services;
  private final InstantSource clock;

  /**
   * @param threads makes the threads that evaluate and run; virtual ones, as they mostly wait
   * @param clock times of progress events and records
   */
  public Evaluator(
      CacheKeyStore keys,
      ResultStore results,
      EvaluatorOptions options,
      ThreadFactory threads,
      InstantSource clock) {
    var flights = new Flights(threads, options.parallelism(), clock, options.cancelWait());
    this.services =
        new Evaluation.Services(keys, results, flights, threads, options.cancelWait(), clock);
    this.clock = clock;
  }

  @Override
  public Job open(String id, ProgressSink sink) {
    var job =
        new EvalJob(id, new JobProgress(sink, clock), ended -> jobs.remove(ended.id(), ended));
    if (jobs.putIfAbsent(id, job) != null) {
      throw new BuildException(
          Code.INVALID, "a build with the id '" + id + "' is running: choose another one");
    }
    return job;
  }

  @Override
  public List<Result> solve(Job job, List<Edge> edges) throws InterruptedException {
    EvalJob live = jobs.get(job.id());
    if (live == null || !live.equals(job)) {
      throw cancelled(null);
    }
    var answer = new CompletableFuture<List<Result>>();
    Thread body = services.threads().newThread(() -> complete(answer, live, edges));
    if (!live.enter(body)) {
      throw cancelled(null);
    }
    body.start();
    return await(answer, body);
  }

  private List<Result> await(CompletableFuture<List<Result>> answer, Thread body)
      throws InterruptedException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      body.interrupt();
      body.join(services.cancelWait().plus(services.cancelWait()));
      throw e;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw cancelled(e);
      }
      if (e.getCause() instanceof InputFailure elsewhere) {
        throw elsewhere.failure();
      }
      throw Thrown.unchecked(e.getCause());
    }
  }

  private void complete(CompletableFuture<List<Result>> answer, EvalJob job, List<Edge> edges) {
    try {
      answer.complete(evaluate(job, edges));
    } catch (Throwable t) {
      answer.completeExceptionally(t);
    } finally {
      job.leave(Thread.currentThread());
    }
  }

  private List<Result> evaluate(EvalJob job, List<Edge> edges) throws InterruptedException {
    var evaluation = new Evaluation(services, job);
    Map<JobVertex, Set<Integer>> needed = new LinkedHashMap<>();
    Map<JobVertex, Set<JobVertex>> graph = graph(job, edges, needed);
    new GraphRun<JobVertex>(
            services.threads(),
            services.cancelWait(),
            vertex -> evaluation.evaluate(vertex, needed.getOrDefault(vertex, Set.of())))
        .run(graph);
    evaluation.load(edges);
    var results = new ArrayList<Result>();
    for (Edge edge : edges) {
      results.add(evaluation.result(edge));
    }
    return List.copyOf(results);
  }

  /** All that the edges reach, with what each vertex needs and which of its outputs are needed. */
  private static Map<JobVertex, Set<JobVertex>> graph(
      EvalJob job, List<Edge> edges, Map<JobVertex, Set<Integer>> needed) {
    var graph = new LinkedHashMap<JobVertex, Set<JobVertex>>();
    var open = new ArrayDeque<>(edges);
    while (!open.isEmpty()) {
      Edge edge = open.poll();
      JobVertex vertex = job.vertex(edge);
      needed.computeIfAbsent(vertex, none -> new TreeSet<>()).add(edge.index());
      if (graph.containsKey(vertex)) {
        continue;
      }
      var before = new LinkedHashSet<JobVertex>();
      for (Edge input : vertex.vertex().inputs()) {
        before.add(job.vertex(input));
        open.add(input);
      }
      graph.put(vertex, before);
    }
    return graph;
  }

  private static BuildException cancelled(@Nullable Throwable cause) {
    return new BuildException(Code.CANCELLED, "the build was cancelled", cause);
  }
}
