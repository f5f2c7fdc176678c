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
  private @Nullable RunKeys definition;
  private @Nullable RunKeys content;
  private boolean rebased;

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

  /**
   * Takes what a run made; an output that is known already keeps its id, unless the vertex was
   * rebased, or other surroundings share the id and the run did not prove that it may be theirs.
   */
  void made(List<Output> made) {
    for (int i = 0; i < made.size(); i++) {
      Output present = rebased ? null : outputs.get(i);
      Output fresh = made.get(i);
      if (present != null && (fresh.independent() || !present.independent())) {
        outputs.put(i, fresh.as(present));
      } else {
        outputs.put(i, fresh);
      }
    }
    rebased = false;
  }

  /** Whether these are the ids that the keys were made of. */
  boolean definedOn(List<CacheId> ids) {
    return inputs.stream().map(InputId::id).toList().equals(ids);
  }

  /** An input's id is another one now: new keys are to be made, and new ids by the next run. */
  void rebase() {
    definition = null;
    content = null;
    rebased = true;
  }

  /** The id that an output has and keeps when it is made again; null where there is none. */
  @Nullable Output kept(int index) {
    return rebased ? null : outputs.get(index);
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

  /** What the op has said. */
  CacheMap map() {
    if (map == null) {
      throw new IllegalStateException(vertex + " has no cache map yet");
    }
    return map;
  }

  /** The keys by definition; the inputs' ids are given once. */
  RunKeys define(CacheMap map, List<CacheId> ids) {
    RunKeys present = definition;
    if (present == null) {
      var named = new ArrayList<InputId>();
      for (int i = 0; i < ids.size(); i++) {
        named.add(new InputId(ids.get(i), map.inputs().get(i).selector(), null));
      }
      inputs = List.copyOf(named);
      present = RunKeys.byDefinition(map, inputs, job);
      definition = present;
    }
    return present;
  }

  /** The keys by content; the digests, null where none is taken, are given once. */
  RunKeys digested(CacheMap map, List<@Nullable Digest> digests) {
    var digested = new ArrayList<InputId>();
    for (int i = 0; i < inputs.size(); i++) {
      InputId input = inputs.get(i);
      digested.add(new InputId(input.id(), input.selector(), digests.get(i)));
    }
    inputs = List.copyOf(digested);
    RunKeys made = RunKeys.byContent(map, inputs, job);
    content = made;
    return made;
  }

  List<InputId> inputs() {
    return inputs;
  }

  /** The best keys there are: by content, else by definition. */
  RunKeys keys() {
    RunKeys best = content == null ? definition : content;
    if (best == null) {
      throw new IllegalStateException(vertex + " has no key yet");
    }
    return best;
  }

  @Nullable RunKeys definition() {
    return definition;
  }

  @Nullable RunKeys content() {
    return content;
  }
}
