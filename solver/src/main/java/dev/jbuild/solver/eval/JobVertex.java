package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.CacheMap;
import dev.jbuild.solver.OpContext;
import dev.jbuild.solver.Vertex;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a job knows about one of its vertices. Who changes it holds {@link #lock}; who holds it only
 * takes the locks of vertices further up in the graph. Outputs may be read without it.
 */
final class JobVertex {
  private final Vertex vertex;
  private final VertexReport report;
  private final String job;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Integer, Output> outputs = new ConcurrentHashMap<>();

  private @Nullable CacheMap map;
  private List<InputId> inputs = List.of();
  private @Nullable RunKey definition;
  private @Nullable RunKey content;

  JobVertex(Vertex vertex, VertexReport report, String job) {
    this.vertex = vertex;
    this.report = report;
    this.job = job;
  }

  Vertex vertex() {
    return vertex;
  }

  VertexReport report() {
    return report;
  }

  ReentrantLock lock() {
    return lock;
  }

  /** Whether all of these outputs are known, loaded or not. */
  boolean knows(Set<Integer> indexes) {
    return outputs.keySet().containsAll(indexes);
  }

  /** Null while it is not known. */
  @Nullable Output output(int index) {
    return outputs.get(index);
  }

  Set<Integer> known() {
    return Set.copyOf(outputs.keySet());
  }

  void found(int index, Output output) {
    outputs.put(index, output);
  }

  /** Takes what a run made; an output that is known already keeps its id. */
  void made(List<Output> made) {
    for (int i = 0; i < made.size(); i++) {
      Output present = outputs.get(i);
      outputs.put(i, present == null ? made.get(i) : made.get(i).as(present.id()));
    }
  }

  /** Asks the op once; its answer must fit the vertex. */
  CacheMap map(OpContext context) throws InterruptedException {
    CacheMap present = map;
    if (present == null) {
      present = vertex.op().cacheMap(context);
      if (present.inputs().size() != vertex.inputs().size()) {
        throw new IllegalStateException(
            vertex
                + ": the cache map has "
                + present.inputs().size()
                + " inputs, the vertex "
                + vertex.inputs().size());
      }
      map = present;
    }
    return present;
  }

  /** The op's own digest, once it was asked. */
  Digest opDigest() {
    if (map == null) {
      throw new IllegalStateException(vertex + " has no cache map yet");
    }
    return map.digest();
  }

  /** The key by definition; the inputs' ids are given once. */
  RunKey define(CacheMap map, List<CacheId> ids) {
    RunKey present = definition;
    if (present == null) {
      var named = new ArrayList<InputId>();
      for (int i = 0; i < ids.size(); i++) {
        named.add(new InputId(ids.get(i), map.inputs().get(i).selector(), null));
      }
      inputs = List.copyOf(named);
      present = RunKey.byDefinition(map, inputs, job);
      definition = present;
    }
    return present;
  }

  /** The key by content; the digests, null where none is taken, are given once. */
  RunKey digested(CacheMap map, List<@Nullable Digest> digests) {
    var digested = new ArrayList<InputId>();
    for (int i = 0; i < inputs.size(); i++) {
      InputId input = inputs.get(i);
      digested.add(new InputId(input.id(), input.selector(), digests.get(i)));
    }
    inputs = List.copyOf(digested);
    RunKey made = RunKey.byContent(map, inputs, job);
    content = made;
    return made;
  }

  List<InputId> inputs() {
    return inputs;
  }

  /** The best key there is: by content, else by definition. */
  RunKey key() {
    RunKey best = content == null ? definition : content;
    if (best == null) {
      throw new IllegalStateException(vertex + " has no key yet");
    }
    return best;
  }

  @Nullable RunKey definition() {
    return definition;
  }

  @Nullable RunKey content() {
    return content;
  }
}
