package dev.jbuild.solver.eval;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Op;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.ResultStore;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.MemoryKeyStore;
import dev.jbuild.solver.progress.ProgressEvent;
import dev.jbuild.solver.progress.ProgressSink;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A world of ops that add integers and count their calls; no container is involved. */
final class Toys implements ResultStore {
  final CacheKeyStore keys;
  final Map<String, Figure> results = new ConcurrentHashMap<>();
  final List<String> loads = new CopyOnWriteArrayList<>();
  final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  final AtomicInteger digests = new AtomicInteger();
  final Evaluator solver;
  private final AtomicInteger nextResult = new AtomicInteger();

  Toys() {
    this(new MemoryKeyStore(), 64);
  }

  Toys(CacheKeyStore keys, int parallelism) {
    this.keys = keys;
    this.solver =
        new Evaluator(
            keys,
            this,
            new EvaluatorOptions(parallelism, Duration.ofSeconds(20)),
            Thread.ofVirtual().factory(),
            Clock.systemUTC());
  }

  /** A result: a number. */
  record Figure(String id, int value) implements Result {}

  /** What an op computes. */
  interface Body {
    int run(OpContext context, List<Integer> inputs) throws InterruptedException;
  }

  @Override
  public Optional<Result> load(String id) {
    loads.add(id);
    return Optional.ofNullable(results.get(id));
  }

  Figure keep(int value) {
    var number = new Figure("result-" + nextResult.incrementAndGet(), value);
    results.put(number.id(), number);
    return number;
  }

  int runs(String name) {
    AtomicInteger count = runs.get(name);
    return count == null ? 0 : count.get();
  }

  int allRuns() {
    return runs.values().stream().mapToInt(AtomicInteger::get).sum();
  }

  /** A description of an op, to be changed by its withers. */
  ToyOp op(String name, Body body) {
    return new ToyOp(this, name, name, null, body, false, true, true, 1);
  }

  ToyOp sum(String name) {
    return op(name, (context, in) -> in.stream().mapToInt(Integer::intValue).sum());
  }

  ToyOp value(String name, int value) {
    return op(name, (context, in) -> value);
  }

  Job open(String id) {
    return solver.open(id, event -> {});
  }

  int solve(Job job, Edge edge) throws InterruptedException {
    return ((Figure) solver.solve(job, List.of(edge)).getFirst()).value();
  }

  /** One build of one edge. */
  int build(String id, Vertex vertex) throws InterruptedException {
    try (Job job = open(id)) {
      return solve(job, vertex.output(0));
    }
  }

  BuildException buildFails(String id, Vertex vertex) {
    return assertThrows(BuildException.class, () -> build(id, vertex));
  }

  /** Runs this on a thread of its own; the answer is got with a bound by the test's timeout. */
  static <T> FutureTask<T> async(Callable<T> work) {
    var task = new FutureTask<>(work);
    Thread.ofVirtual().start(task);
    return task;
  }

  /** An op with all that tests vary. */
  record ToyOp(
      Toys toys,
      String name,
      String digest,
      @Nullable String independent,
      Body body,
      boolean content,
      boolean durable,
      boolean heavy,
      int outputs)
      implements Op {

    ToyOp byContent() {
      return new ToyOp(toys, name, digest, independent, body, true, durable, heavy, outputs);
    }

    ToyOp onlyForJob() {
      return new ToyOp(toys, name, digest, independent, body, content, false, heavy, outputs);
    }

    ToyOp light() {
      return new ToyOp(toys, name, digest, independent, body, content, durable, false, outputs);
    }

    ToyOp digest(String text) {
      return new ToyOp(toys, name, text, independent, body, content, durable, heavy, outputs);
    }

    ToyOp outputs(int count) {
      return new ToyOp(toys, name, digest, independent, body, content, durable, heavy, count);
    }

    /** The same op in this network. */
    ToyOp in(String network) {
      String full = digest + " in " + network;
      return new ToyOp(toys, name, full, digest, body, content, durable, heavy, outputs);
    }

    /** A vertex of this op on the first outputs of these. */
    Vertex on(Vertex... inputs) {
      var edges = new ArrayList<Edge>();
      for (Vertex input : inputs) {
        edges.add(input.output(0));
      }
      return onEdges(edges);
    }

    Vertex onEdges(List<Edge> edges) {
      return new Vertex(vertexDigest(name + digest, edges), name, this, edges, false);
    }

    Vertex ignoringCache(Vertex... inputs) {
      Vertex plain = on(inputs);
      return new Vertex(plain.digest(), name, this, plain.inputs(), true);
    }

    private static Digest vertexDigest(String name, List<Edge> edges) {
      var text = new StringBuilder(name);
      edges.forEach(edge -> text.append(edge.vertex().digest()).append(edge.index()));
      return Digest.of(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public CacheMap cacheMap(OpContext context) {
      var keys = new ArrayList<CacheMap.InputKey>();
      for (int i = 0; i < inputCount(); i++) {
        keys.add(content ? new CacheMap.InputKey("", this::digestOf) : CacheMap.InputKey.WHOLE);
      }
      Digest shared = independent == null ? null : Bytes.utf8(independent).digest();
      return new CacheMap(Bytes.utf8(digest).digest(), shared, keys, durable);
    }

    /** Toy ops do not know their vertex; the name says how many inputs there are: {@code sum/2}. */
    private int inputCount() {
      int slash = name.indexOf('/');
      return slash < 0 ? 0 : Integer.parseInt(name.substring(slash + 1));
    }

    private Digest digestOf(Result input) {
      toys.digests.incrementAndGet();
      return Bytes.utf8("value " + ((Figure) input).value()).digest();
    }

    @Override
    public List<Result> execute(OpContext context, List<Result> inputs)
        throws InterruptedException {
      toys.runs.computeIfAbsent(name, none -> new AtomicInteger()).incrementAndGet();
      int value =
          body.run(context, inputs.stream().map(input -> ((Figure) input).value()).toList());
      var results = new ArrayList<Result>();
      for (int i = 0; i < outputs; i++) {
        results.add(toys.keep(value + i));
      }
      return results;
    }
  }

  /** Keeps the events of a job. */
  static final class Events implements ProgressSink {
    final List<ProgressEvent> all = new CopyOnWriteArrayList<>();

    @Override
    public synchronized void accept(ProgressEvent event) {
      all.add(event);
      notifyAll();
    }

    /** Waits until the vertex was given this reason. */
    synchronized void awaitTrace(Vertex vertex, String text) throws InterruptedException {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!traces(vertex).contains(text)) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        assertTrue(left > 0, "no trace '" + text + "'");
        wait(left);
      }
    }

    /** One word per state: load, start, done, cached, or the error. */
    List<String> states(Vertex vertex) {
      var states = new ArrayList<String>();
      for (ProgressEvent event : all) {
        if (event instanceof ProgressEvent.VertexState state
            && state.digest().equals(vertex.digest())) {
          states.add(word(state));
        }
      }
      return states;
    }

    private static String word(ProgressEvent.VertexState state) {
      if (state.error() != null) {
        return state.error();
      }
      if (state.completed() != null) {
        return state.cached() ? "cached" : "done";
      }
      return state.started() == null ? "load" : "start";
    }

    List<String> traces(Vertex vertex) {
      return all.stream()
          .filter(ProgressEvent.Trace.class::isInstance)
          .map(ProgressEvent.Trace.class::cast)
          .filter(trace -> trace.vertex().equals(vertex.digest()))
          .map(ProgressEvent.Trace::text)
          .toList();
    }

    String logs(Vertex vertex) {
      var text = new StringBuilder();
      for (ProgressEvent event : all) {
        if (event instanceof ProgressEvent.Log log && log.vertex().equals(vertex.digest())) {
          text.append(log.data().toUtf8());
        }
      }
      return text.toString();
    }
  }
}
