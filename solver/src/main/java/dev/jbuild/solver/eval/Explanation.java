package dev.jbuild.solver.eval;

import dev.jbuild.solver.Edge;
import dev.jbuild.solver.cache.CacheKeyStore;
import dev.jbuild.solver.cache.CacheRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

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
    var wanted =
        new CacheRecord(
            vertex.key().digest(),
            vertex.opDigest(),
            0,
            inputs,
            "",
            Instant.EPOCH,
            vertex.vertex().name());
    Optional<CacheRecord> near = keys.nearest(wanted);
    return near.map(record -> "miss: " + difference(vertex, wanted, record))
        .orElse("miss: nothing like it was run before");
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
    if (!wanted.op().equals(near.op())) {
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
