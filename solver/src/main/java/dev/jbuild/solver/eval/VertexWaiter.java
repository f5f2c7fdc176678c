package dev.jbuild.solver.eval;

import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.cache.Alias;
import dev.jbuild.solver.cache.CacheRecord;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A job's vertex that waits for its run, with its inputs at hand. */
final class VertexWaiter implements Waiter {
  private final Evaluation.Services services;
  private final EvalJob job;
  private final JobVertex vertex;
  private final Set<Integer> needed;
  private final List<Result> inputs;

  VertexWaiter(
      Evaluation.Services services,
      EvalJob job,
      JobVertex vertex,
      Set<Integer> needed,
      List<Result> inputs) {
    this.services = services;
    this.job = job;
    this.vertex = vertex;
    this.needed = Set.copyOf(needed);
    this.inputs = inputs;
  }

  /** With whom the run may be shared. */
  FlightKey flight() {
    return new FlightKey(alone() ? job.id() : "", vertex.key().digest());
  }

  private boolean alone() {
    return vertex.vertex().ignoreCache() || !vertex.key().durable();
  }

  @Override
  public String job() {
    return job.id();
  }

  @Override
  public VertexReport report() {
    return vertex.report();
  }

  @Override
  public boolean heavy() {
    return vertex.vertex().op().heavy();
  }

  @Override
  public Optional<List<Output>> recall() {
    if (alone()) {
      return job.ran(vertex.key());
    }
    var outputs = new ArrayList<Output>();
    int last = needed.stream().mapToInt(Integer::intValue).max().orElse(-1);
    for (int i = 0; i <= last; i++) {
      Optional<CacheRecord> record = services.keys().lookup(vertex.key().output(i).digest());
      if (record.isEmpty()) {
        return Optional.empty();
      }
      outputs.add(Output.found(record.get()));
    }
    return Optional.of(outputs);
  }

  @Override
  public List<Result> execute(OpContext context) throws InterruptedException {
    return vertex.vertex().op().execute(context, inputs);
  }

  @Override
  public List<Output> record(List<Result> results) {
    var outputs = new ArrayList<Output>();
    var records = new ArrayList<CacheRecord>();
    var aliases = new ArrayList<Alias>();
    for (int i = 0; i < results.size(); i++) {
      Result result = results.get(i);
      CacheId id = canonical(i, result);
      outputs.add(Output.made(id, result));
      if (id.durable()) {
        records.add(describe(id, i, result.id()));
        alias(vertex.content(), i, id, aliases);
        alias(vertex.definition(), i, id, aliases);
      }
    }
    if (!records.isEmpty()) {
      services.keys().record(records, aliases);
    }
    if (alone()) {
      job.ran(vertex.key(), List.copyOf(outputs));
    }
    return List.copyOf(outputs);
  }

  private CacheId canonical(int index, Result result) {
    Output known = vertex.output(index);
    if (known != null) {
      return known.id();
    }
    return vertex.vertex().ignoreCache()
        ? vertex.key().freshOutput(index, result.id())
        : vertex.key().output(index);
  }

  private CacheRecord describe(CacheId id, int index, String resultId) {
    var links =
        vertex.inputs().stream()
            .map(in -> new CacheRecord.Input(in.id().stored(), in.selector(), in.content()))
            .toList();
    var created = services.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    var op = vertex.opDigest();
    return new CacheRecord(
        id.digest(), op, index, links, resultId, created, vertex.vertex().name());
  }

  private static void alias(@Nullable RunKey key, int index, CacheId id, List<Alias> aliases) {
    if (key != null && key.durable()) {
      aliases.add(new Alias(key.output(index).digest(), id.digest()));
    }
  }
}
