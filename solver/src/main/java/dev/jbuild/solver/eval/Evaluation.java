package dev.jbuild.solver.eval;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.CacheMap.InputKey;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.ResultStore;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.Alias;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.CacheRecord;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates the vertices of one job, each when its inputs have been: the steps of the blueprint's
 * section 4.
 */
final class Evaluation {
  private final Services services;
  private final EvalJob job;
  private final Loading loading;

  /** What every evaluation uses. */
  record Services(
      CacheKeyStore keys,
      ResultStore results,
      Flights flights,
      ThreadFactory threads,
      Duration cancelWait,
      InstantSource clock) {}

  private record Part(String result, String selector) {}

  Evaluation(Services services, EvalJob job) {
    this.services = services;
    this.job = job;
    this.loading = new Loading(services, job, this::revive);
  }

  /** Finds the ids of these outputs; runs the vertex where the cache does not know them. */
  void evaluate(JobVertex vertex, Set<Integer> needed) throws InterruptedException {
    vertex.lock().lockInterruptibly();
    try {
      if (!vertex.knows(needed)) {
        reported(vertex, () -> find(vertex, needed));
      }
    } finally {
      vertex.lock().unlock();
    }
  }

  /** Loads these results; evaluates again what the cache knew and the result store has not. */
  void load(List<Edge> edges) throws InterruptedException {
    loading.load(edges);
  }

  /** A loaded result. */
  Result result(Edge edge) {
    return loading.result(edge);
  }

  /** A step that may block. */
  private interface Step {
    void run() throws InterruptedException;
  }

  private static void reported(JobVertex vertex, Step step) throws InterruptedException {
    try {
      step.run();
    } catch (BuildException e) {
      vertex.report().failed(e.message());
      throw located(e, vertex.vertex());
    } catch (InterruptedException | InputFailure e) {
      vertex.report().cancelled();
      throw e;
    } catch (RuntimeException | Error e) {
      vertex.report().failed("internal error: " + e);
      throw e;
    }
  }

  private static BuildException located(BuildException failure, Vertex vertex) {
    if (vertex.origin().isEmpty()) {
      return failure;
    }
    var details = new ArrayList<Detail>(failure.details());
    details.addAll(vertex.origin());
    return new BuildException(failure.code(), failure.message(), failure, details);
  }

  private void find(JobVertex vertex, Set<Integer> needed) throws InterruptedException {
    boolean look = !vertex.vertex().ignoreCache();
    RunKeys definition = define(vertex);
    if (look && hit(vertex, definition, needed, "the same definition")) {
      return;
    }
    RunKeys content = digest(vertex);
    if (look
        && content != null
        && hit(vertex, content, needed, "the same content of " + Explanation.digested(vertex))) {
      return;
    }
    vertex
        .report()
        .trace(look ? new Explanation(services.keys()).miss(vertex) : "runs: the cache is ignored");
    run(vertex, needed);
  }

  /** Steps 1 and 2: the op's own digest and the inputs' ids. */
  private RunKeys define(JobVertex vertex) throws InterruptedException {
    if (vertex.vertex().inputs().isEmpty()) {
      vertex.report().start(); // a source may have to ask a server what it is
    }
    CacheMap map = vertex.map(vertex::report);
    return vertex.define(map, inputIds(vertex));
  }

  private List<CacheId> inputIds(JobVertex vertex) {
    var ids = new ArrayList<CacheId>();
    for (Edge input : vertex.vertex().inputs()) {
      Output output = job.vertex(input).output(input.index());
      if (output == null) {
        throw new BuildException(
            Code.INVALID,
            "'"
                + input.vertex().name()
                + "' has no output "
                + input.index()
                + ", but '"
                + vertex.vertex().name()
                + "' uses it");
      }
      ids.add(output.id());
    }
    return ids;
  }

  /**
   * Step 3: whether all of these outputs are recorded under one of the keys; results stay unloaded.
   *
   * @param what is the same, for the trace
   */
  private boolean hit(JobVertex vertex, RunKeys keys, Set<Integer> needed, String what) {
    if (hit(vertex, keys.full(), needed)) {
      vertex.report().trace("hit: " + what);
      if (!keys.equals(vertex.definition())) {
        remember(vertex);
      }
    } else if (hitElsewhere(vertex, keys.independent(), needed)) {
      vertex.report().trace("hit: " + what + ", made in another network; it used none");
      remember(vertex);
    } else {
      return false;
    }
    vertex.report().cached();
    return true;
  }

  private boolean hit(JobVertex vertex, RunKey key, Set<Integer> needed) {
    if (!key.durable()) {
      return false;
    }
    for (int index : needed) {
      if (vertex.output(index) == null) {
        services
            .keys()
            .lookup(key.output(index).digest())
            .ifPresent(record -> vertex.found(index, Output.found(record, vertex.map())));
      }
    }
    return vertex.knows(needed);
  }

  /** The outputs of runs in other surroundings, all or none: they do not mix with these ones'. */
  private boolean hitElsewhere(JobVertex vertex, @Nullable RunKey key, Set<Integer> needed) {
    if (key == null || !key.durable()) {
      return false;
    }
    var found = new HashMap<Integer, Output>();
    for (int index : needed) {
      Output known = vertex.output(index);
      if (known == null) {
        Optional<CacheRecord> record = services.keys().lookup(key.output(index).digest());
        known = record.map(there -> Output.found(there, vertex.map())).orElse(null);
      }
      if (known == null || !known.independent()) {
        return false;
      }
      found.put(index, known);
    }
    found.forEach(vertex::found);
    return true;
  }

  /** Step 4: the keys by content; null when no input allows it. */
  private @Nullable RunKeys digest(JobVertex vertex) throws InterruptedException {
    CacheMap map = vertex.map(vertex::report);
    var digesters = map.inputs();
    if (vertex.content() != null || digesters.stream().allMatch(input -> input.content() == null)) {
      return vertex.content();
    }
    var edges = new ArrayList<Edge>();
    for (int i = 0; i < digesters.size(); i++) {
      if (digesters.get(i).content() != null) {
        edges.add(vertex.vertex().inputs().get(i));
      }
    }
    loading.load(edges);
    Map<Part, Digest> taken = new HashMap<>();
    var digests = new ArrayList<@Nullable Digest>();
    for (int i = 0; i < digesters.size(); i++) {
      digests.add(digest(digesters.get(i), vertex.vertex().inputs().get(i), taken));
    }
    return vertex.digested(map, digests);
  }

  private @Nullable Digest digest(InputKey input, Edge edge, Map<Part, Digest> taken)
      throws InterruptedException {
    var content = input.content();
    if (content == null) {
      return null;
    }
    Result result = loading.result(edge);
    var part = new Part(result.id(), input.selector());
    Digest known = taken.get(part);
    if (known == null) {
      known = content.digest(result);
      taken.put(part, known);
    }
    return known;
  }

  /** Step 5: one run per key, whoever else wants it. */
  private void run(JobVertex vertex, Set<Integer> needed) throws InterruptedException {
    List<Edge> inputs = vertex.vertex().inputs();
    loading.load(inputs);
    if (!vertex.definedOn(inputIds(vertex))) {
      vertex.report().trace("an input was made again, and used its network this time");
      vertex.rebase();
      define(vertex);
      digest(vertex);
    }
    List<Result> results = inputs.stream().map(loading::result).toList();
    var waiter = new VertexWaiter(services, job, vertex, needed, results);
    Flight.Landing landing = services.flights().await(waiter.flight(), waiter);
    vertex.made(landing.outputs());
    for (int index : needed) {
      if (vertex.output(index) == null) {
        throw new BuildException(
            Code.INVALID, "'" + vertex.vertex().name() + "' has no output " + index);
      }
    }
    remember(vertex);
    if (landing.worked()) {
      vertex.report().completed();
    } else {
      vertex.report().cached();
    }
  }

  /** Lets the definition find the outputs next time, without a look at content. */
  private void remember(JobVertex vertex) {
    RunKeys definition = vertex.definition();
    if (definition == null) {
      return;
    }
    for (int index : vertex.known()) {
      Output output = vertex.output(index);
      if (output != null && output.id().durable()) {
        remember(definition.full(), index, output);
        @Nullable RunKey independent = definition.independent();
        if (independent != null && output.independent()) {
          remember(independent, index, output);
        }
      }
    }
  }

  private void remember(RunKey key, int index, Output output) {
    Digest id = key.output(index).digest();
    if (key.durable() && !recorded(id, output.id())) {
      services.keys().alias(new Alias(id, output.id().digest()));
    }
  }

  private boolean recorded(Digest id, CacheId canonical) {
    Optional<CacheRecord> record = services.keys().lookup(id);
    return record.isPresent() && record.get().id().equals(canonical.digest());
  }

  /** Runs a vertex whose results the cache knew and the result store has lost. */
  private void revive(JobVertex vertex) throws InterruptedException {
    vertex.lock().lockInterruptibly();
    try {
      if (!loading.loaded(vertex)) {
        reported(
            vertex,
            () -> {
              vertex.report().trace("runs: the cached result is gone");
              define(vertex);
              digest(vertex);
              run(vertex, vertex.known());
            });
      }
    } finally {
      vertex.lock().unlock();
    }
  }
}
