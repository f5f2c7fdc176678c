package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Vertex;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A live job: its vertices, and the threads of its solves. */
final class EvalJob implements Job {
  private final String id;
  private final JobProgress progress;
  private final Consumer<EvalJob> onClose;
  private final ConcurrentHashMap<Digest, JobVertex> vertices = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Digest, List<Output>> ran = new ConcurrentHashMap<>();

  /** Guarded by this, like the flag below. */
  private final Set<Thread> solves = new HashSet<>();

  private boolean cancelled;

  EvalJob(String id, JobProgress progress, Consumer<EvalJob> onClose) {
    this.id = id;
    this.progress = progress;
    this.onClose = onClose;
  }

  @Override
  public String id() {
    return id;
  }

  /** What the job knows of this vertex; it is reported when it is seen first. */
  JobVertex vertex(Vertex vertex) {
    JobVertex known = vertices.get(vertex.digest());
    if (known != null) {
      return known;
    }
    var fresh = new JobVertex(vertex, new VertexReport(progress, vertex), id);
    JobVertex present = vertices.putIfAbsent(vertex.digest(), fresh);
    if (present != null) {
      return present;
    }
    fresh.report().loaded();
    return fresh;
  }

  JobVertex vertex(Edge edge) {
    return vertex(edge.vertex());
  }

  Collection<JobVertex> vertices() {
    return vertices.values();
  }

  /** What a run that is only this job's has made. */
  Optional<List<Output>> ran(RunKey key) {
    return Optional.ofNullable(ran.get(key.digest()));
  }

  void ran(RunKey key, List<Output> outputs) {
    ran.put(key.digest(), outputs);
  }

  /** Registers the thread of a solve; false when the job has been cancelled. */
  synchronized boolean enter(Thread solve) {
    return !cancelled && solves.add(solve);
  }

  synchronized void leave(Thread solve) {
    solves.remove(solve);
    notifyAll();
  }

  @Override
  public synchronized void cancel() {
    cancelled = true;
    solves.forEach(Thread::interrupt);
  }

  @Override
  public void close() {
    cancel();
    awaitSolves();
    vertices.values().forEach(vertex -> vertex.report().cancelled());
    progress.end();
    onClose.accept(this);
  }

  /** The end of a solve is bounded by how long interrupted work is waited for. */
  private synchronized void awaitSolves() {
    boolean interrupted = false;
    while (!solves.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
