package dev.jbuild.solver.eval;

import dev.jbuild.oci.Digest;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.CacheRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says why a vertex is not cached: what differs from the nearest record. */
final class Explanation {
  private final CacheKeyStore keys;

  Explanation(CacheKeyStore keys) {
    this.keys = keys;
  }

  /** One line; the vertex has its key. */
  String miss(JobVertex vertex) {
    List<CacheRecord.Input> inputs =
        vertex.inputs().stream()
            .map(in -> new CacheRecord.Input(in.id().stored(), in.selector(), in.content()))
            .toList();
    CacheRecord wanted = wanted(vertex, vertex.map().digest(), inputs);
    Optional<CacheRecord> near = keys.nearest(wanted);
    @Nullable Digest independent = vertex.map().independent();
    return near.filter(record -> independent == null || sameOp(vertex, record))
        .or(() -> elsewhere(vertex, independent, inputs))
        .or(() -> near)
        .map(record -> "miss: " + difference(vertex, wanted, record))
        .orElse("miss: nothing like it was run before");
  }

  /** What a run of the op in other surroundings has left, where it did not use them. */
  private Optional<CacheRecord> elsewhere(
      JobVertex vertex, @Nullable Digest independent, List<CacheRecord.Input> inputs) {
    return independent == null
        ? Optional.empty()
        : keys.nearest(wanted(vertex, independent, inputs))
            .filter(record -> record.op().equals(independent));
  }

  private static CacheRecord wanted(JobVertex vertex, Digest op, List<CacheRecord.Input> inputs) {
    Digest id = vertex.keys().full().digest();
    return new CacheRecord(id, op, 0, inputs, "", Instant.EPOCH, vertex.vertex().name());
  }

  /** Whether the record is of this op, or of it in other surroundings that it did not use. */
  private static boolean sameOp(JobVertex vertex, CacheRecord record) {
    return record.op().equals(vertex.map().digest())
        || record.op().equals(vertex.map().independent());
  }

  /** The inputs whose content counts. */
  static String digested(JobVertex vertex) {
    var names = new ArrayList<String>();
    for (int i = 0; i < vertex.inputs().size(); i++) {
      if (vertex.inputs().get(i).content() != null) {
        names.add(input(vertex, i));
      }
    }
    return String.join(", ", names);
  }

  private static String difference(JobVertex vertex, CacheRecord wanted, CacheRecord near) {
    var found = new ArrayList<String>();
    if (!sameOp(vertex, near)) {
      found.add("the op differs");
    }
    if (wanted.inputs().size() != near.inputs().size()) {
      found.add("it has " + wanted.inputs().size() + " inputs instead of " + near.inputs().size());
    } else {
      for (int i = 0; i < wanted.inputs().size(); i++) {
        CacheRecord.Input mine = wanted.inputs().get(i);
        CacheRecord.Input other = near.inputs().get(i);
        if (mine.content() != null && other.content() != null) {
          if (!mine.content().equals(other.content())) {
            found.add("the content of " + input(vertex, i) + " differs");
          }
        } else if (mine.id() == null || !Objects.equals(mine.id(), other.id())) {
          found.add(input(vertex, i) + " differs");
        } else if (!mine.selector().equals(other.selector())) {
          found.add("another part of " + input(vertex, i) + " is used");
        }
      }
    }
    String what = found.isEmpty() ? "its record was forgotten" : String.join(", ", found);
    return what + " (compared with '" + near.name() + "' of " + near.created() + ")";
  }

  private static String input(JobVertex vertex, int index) {
    Edge edge = vertex.vertex().inputs().get(index);
    return "input " + index + " ('" + edge.vertex().name() + "')";
  }
}
