package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
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
    return new FlightKey(alone() ? job.id() : "", vertex.keys().full().digest());
  }

  private boolean alone() {
    return vertex.vertex().ignoreCache() || !vertex.keys().full().durable();
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
      return job.ran(vertex.keys().full());
    }
    int count = 1 + needed.stream().mapToInt(Integer::intValue).max().orElse(-1);
    Optional<List<Output>> full = recorded(vertex.keys().full(), count);
    @Nullable RunKey independent = vertex.keys().independent();
    return full.isPresent() || independent == null ? full : recorded(independent, count);
  }

  private Optional<List<Output>> recorded(RunKey key, int count) {
    var outputs = new ArrayList<Output>();
    for (int i = 0; i < count; i++) {
      Optional<CacheRecord> record = services.keys().lookup(key.output(i).digest());
      if (record.isEmpty()) {
        return Optional.empty();
      }
      outputs.add(Output.found(record.get(), vertex.map()));
    }
    return Optional.of(outputs);
  }

  @Override
  public List<Result> execute(OpContext context) throws InterruptedException {
    return vertex.vertex().op().execute(context, inputs);
  }

  @Override
  public List<Output> record(Made made) {
    @Nullable RunKey independent = vertex.keys().independent();
    boolean proven = independent != null && made.independent() && mayShare();
    RunKey key = proven && independent != null ? independent : vertex.keys().full();
    List<Output> first = proven && !alone() ? madeElsewhere(key, made.results().size()) : List.of();
    List<Output> outputs = first.isEmpty() ? outputs(made.results(), key, proven) : first;
    keep(outputs, first.isEmpty(), proven);
    if (alone()) {
      job.ran(vertex.keys().full(), outputs);
    }
    return outputs;
  }

  /** What was built on an id that is not shared must not be found by way of one that is. */
  private boolean mayShare() {
    return vertex.known().stream()
        .map(vertex::kept)
        .allMatch(known -> known == null || known.independent());
  }

  /**
   * What a run in other surroundings recorded while this one was under way: the first record stays,
   * as results may have been built on it. Empty where it is not there or its results are gone.
   */
  private List<Output> madeElsewhere(RunKey key, int count) {
    var outputs = new ArrayList<Output>();
    for (Output output : recorded(key, count).orElse(List.of())) {
      @Nullable CacheRecord record = output.record();
      if (record != null && output.independent()) {
        services.results().load(record.resultId()).map(output::with).ifPresent(outputs::add);
      }
    }
    return outputs.size() == count ? List.copyOf(outputs) : List.of();
  }

  private List<Output> outputs(List<Result> results, RunKey key, boolean independent) {
    var outputs = new ArrayList<Output>();
    for (int i = 0; i < results.size(); i++) {
      CacheId id = canonical(i, results.get(i), key, independent);
      outputs.add(Output.made(id, results.get(i), independent));
    }
    return List.copyOf(outputs);
  }

  private CacheId canonical(int index, Result result, RunKey key, boolean independent) {
    Output known = vertex.kept(index);
    if (known != null && known.independent() == independent) {
      return known.id();
    }
    return vertex.vertex().ignoreCache() ? key.freshOutput(index, result.id()) : key.output(index);
  }

  /**
   * Lets the outputs be found by all keys that they are good for.
   *
   * @param fresh whether their records are to be made
   */
  private void keep(List<Output> outputs, boolean fresh, boolean independent) {
    var records = new ArrayList<CacheRecord>();
    var aliases = new ArrayList<Alias>();
    for (int i = 0; i < outputs.size(); i++) {
      Output output = outputs.get(i);
      @Nullable Result result = output.result();
      if (output.id().durable() && result != null) {
        if (fresh) {
          records.add(describe(output.id(), i, result.id(), independent));
        }
        alias(vertex.content(), i, output, aliases);
        alias(vertex.definition(), i, output, aliases);
      }
    }
    if (!records.isEmpty()) {
      services.keys().record(records, aliases);
    } else {
      aliases.forEach(services.keys()::alias);
    }
  }

  private CacheRecord describe(CacheId id, int index, String resultId, boolean independent) {
    var links =
        vertex.inputs().stream()
            .map(in -> new CacheRecord.Input(in.id().stored(), in.selector(), in.content()))
            .toList();
    var created = services.clock().instant().truncatedTo(ChronoUnit.MILLIS);
    @Nullable Digest shared = vertex.map().independent();
    Digest op = independent && shared != null ? shared : vertex.map().digest();
    return new CacheRecord(
        id.digest(), op, index, links, resultId, created, vertex.vertex().name());
  }

  private static void alias(@Nullable RunKeys keys, int index, Output output, List<Alias> aliases) {
    if (keys == null) {
      return;
    }
    @Nullable RunKey independent = keys.independent();
    if (independent != null && independent.durable() && output.independent()) {
      aliases.add(new Alias(independent.output(index).digest(), output.id().digest()));
    }
    if (keys.full().durable()) {
      aliases.add(new Alias(keys.full().output(index).digest(), output.id().digest()));
    }
  }
}
