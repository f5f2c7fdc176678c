package dev.jbuild.solver.cache;

import dev.jbuild.oci.Digest;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Walks from a record to what it was made from; the base of cache export. */
public final class CacheWalk {
  private final CacheKeyStore store;

  public CacheWalk(CacheKeyStore store) {
    this.store = store;
  }

  /**
   * The record of {@code id} and all records that it was made from, inputs before their users, each
   * once. Links to what is not there are passed over.
   */
  public List<CacheRecord> reachable(Digest id) {
    var done = new ArrayList<CacheRecord>();
    var seen = new HashSet<Digest>();
    var open = new ArrayDeque<Visit>();
    enter(id, seen, open);
    while (!open.isEmpty()) {
      Visit visit = open.peek();
      if (visit.next == visit.record.inputs().size()) {
        done.add(open.pop().record);
        continue;
      }
      Digest input = visit.record.inputs().get(visit.next++).id();
      if (input != null) {
        enter(input, seen, open);
      }
    }
    return done;
  }

  private void enter(Digest id, Set<Digest> seen, Deque<Visit> open) {
    store
        .lookup(id)
        .filter(record -> seen.add(record.id()))
        .ifPresent(record -> open.push(new Visit(record)));
  }

  /** A record whose inputs are being visited. */
  private static final class Visit {
    private final CacheRecord record;
    private int next;

    private Visit(CacheRecord record) {
      this.record = record;
    }
  }
}
