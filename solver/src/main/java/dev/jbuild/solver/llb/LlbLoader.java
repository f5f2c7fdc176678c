package dev.jbuild.solver.llb;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.Definition.OpRef;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Vertex;
import dev.jbuild.solver.llb.EntitlementPolicy.Need;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Makes vertices of a definition that anybody may have sent: all of it is validated, and all of it
 * is entitled, before the first op is made; only what the result needs becomes vertices.
 */
public final class LlbLoader {
  private final OpFactory ops;
  private final EntitlementPolicy policy;

  /**
   * @param policy with the grants of the job that the ops are for
   */
  public LlbLoader(OpFactory ops, EntitlementPolicy policy) {
    this.ops = ops;
    this.policy = policy;
  }

  /**
   * The result's edge; empty for scratch.
   *
   * @throws BuildException {@code INVALID} when the definition is not valid, {@code
   *     PERMISSION_DENIED} when a step needs what is not granted, whether or not it would run
   */
  public Optional<Edge> load(Definition definition) {
    OpRef result = definition.result();
    if (result == null) {
      return Optional.empty();
    }
    Map<Digest, EncodedOp> known = new HashMap<>();
    Map<Digest, Place> places = places(definition);
    for (EncodedOp op : definition.ops()) {
      Place place = place(places, op);
      for (OpRef input : op.inputs()) {
        resolve(known, input, place.toString());
      }
      new OpCheck(op, place).check();
      known.put(op.digest(), op);
    }
    resolve(known, result, "the result");
    entitle(definition, places);
    return Optional.of(vertices(definition, result, places));
  }

  private static Map<Digest, Place> places(Definition definition) {
    var texts = new IdentityHashMap<SourceInfo, String>();
    Map<Digest, Place> places = new HashMap<>();
    for (EncodedOp op : definition.ops()) {
      places.put(
          op.digest(),
          Place.of(op, info -> texts.computeIfAbsent(info, read -> read.data().toUtf8())));
    }
    return places;
  }

  private static Place place(Map<Digest, Place> places, EncodedOp op) {
    Place place = places.get(op.digest());
    return place == null ? Place.of(op) : place;
  }

  private static void resolve(Map<Digest, EncodedOp> known, OpRef ref, String user) {
    EncodedOp op = known.get(ref.digest());
    if (op == null) {
      throw new BuildException(
          Code.INVALID,
          user + " uses " + ref.digest() + ", which does not come before it in the definition");
    }
    int outputs = OpOutputs.count(op.op());
    if (ref.index() < 0 || ref.index() >= outputs) {
      throw new BuildException(
          Code.INVALID,
          user
              + " uses output "
              + ref.index()
              + " of '"
              + op.displayName()
              + "', which has "
              + outputs);
    }
  }

  private void entitle(Definition definition, Map<Digest, Place> places) {
    var needs = new ArrayList<Need>();
    for (EncodedOp op : definition.ops()) {
      EntitlementPolicy.needs(op.op())
          .forEach(needed -> needs.add(new Need(needed, place(places, op))));
    }
    policy.require(needs);
  }

  private Edge vertices(Definition definition, OpRef result, Map<Digest, Place> places) {
    Set<Digest> live = live(definition, result);
    Map<Digest, Vertex> made = new HashMap<>();
    for (EncodedOp op : definition.ops()) {
      if (live.contains(op.digest()) && !made.containsKey(op.digest())) {
        List<Edge> inputs = op.inputs().stream().map(input -> edge(made, input)).toList();
        made.put(op.digest(), vertex(op, inputs, place(places, op)));
      }
    }
    return edge(made, result);
  }

  /** What the result needs; users come after their inputs, so one pass from the end is enough. */
  private static Set<Digest> live(Definition definition, OpRef result) {
    Set<Digest> live = new HashSet<>();
    live.add(result.digest());
    for (EncodedOp op : definition.ops().reversed()) {
      if (live.contains(op.digest())) {
        op.inputs().forEach(input -> live.add(input.digest()));
      }
    }
    return live;
  }

  private Vertex vertex(EncodedOp op, List<Edge> inputs, Place place) {
    boolean ignoreCache = op.metadata().ignoreCache();
    Digest digest = digest(op);
    return new Vertex(
        digest,
        op.displayName(),
        ops.create(op, place, inputs.stream().map(edge -> edge.vertex().name()).toList()),
        inputs,
        ignoreCache,
        origin(digest, place, op));
  }

  private static List<Detail> origin(Digest digest, Place place, EncodedOp op) {
    var origin = new ArrayList<Detail>();
    place.origin().forEach(detail -> origin.add(under(digest, detail)));
    int mounts = op.op() instanceof LlbOp.ExecOp exec ? exec.mounts().size() : 0;
    int inputs = op.op() instanceof LlbOp.ExecOp ? mounts : op.inputs().size();
    origin.add(
        new Detail.FailedOp(
            op.bytes(),
            Collections.nCopies(inputs, ""),
            Collections.nCopies(mounts, ""),
            op.metadata().description()));
    return origin;
  }

  /** That of the vertex which an op becomes; failures name it. */
  public static Digest digest(EncodedOp op) {
    return op.metadata().ignoreCache()
        ? Bytes.utf8(op.digest() + "-ignorecache").digest()
        : op.digest();
  }

  /** A failed step is named as its progress is: a step that ignores the cache is another vertex. */
  private static Detail under(Digest digest, Detail detail) {
    return detail instanceof Detail.FailedVertex failed
        ? new Detail.FailedVertex(digest.toString(), failed.name())
        : detail;
  }

  private static Edge edge(Map<Digest, Vertex> made, OpRef ref) {
    Vertex vertex = made.get(ref.digest());
    if (vertex == null) {
      throw new IllegalStateException(ref + " was checked to come before its user");
    }
    return vertex.output(ref.index());
  }
}
