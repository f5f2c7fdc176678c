package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.SourceInfo;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.solver.Result;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The refs that one conversation has given out. Its lock guards the table. */
final class RefTable {
  /** So many refs one build can have. */
  static final int REFS = 10_000;

  /** So large all their graphs together can be. */
  static final long BYTES = 256L << 20;

  private final Supplier<String> ids;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Definition> known = new HashMap<>();
  private final Map<String, Left> left = new HashMap<>();
  private long bytes;

  /**
   * @param ids unguessable, never twice the same
   */
  RefTable(Supplier<String> ids) {
    this.ids = ids;
  }

  /** What a step has left, found when it is wanted; null for scratch. */
  interface Left {
    @Nullable Result find() throws InterruptedException;
  }

  /**
   * Names what a step has left.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when there are too many
   */
  String add(Left found) {
    String id = ids.get();
    lock.lock();
    try {
      checkRoom(0);
      left.put(id, found);
    } finally {
      lock.unlock();
    }
    return id;
  }

  /** What a step has left under that ref; null when it is a ref of a graph, or of nothing. */
  @Nullable Left left(String id) {
    lock.lock();
    try {
      return left.get(id);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Names a graph's result; two of one graph have two names.
   *
   * @throws BuildException RESOURCE_EXHAUSTED when there are too many
   */
  NamedRef add(Definition definition) {
    if (definition.result() == null) {
      return NamedRef.SCRATCH;
    }
    long size = size(definition);
    String id = ids.get();
    lock.lock();
    try {
      checkRoom(size);
      bytes += size;
      known.put(id, definition);
    } finally {
      lock.unlock();
    }
    return new NamedRef(id, definition);
  }

  private void checkRoom(long more) {
    int refs = known.size() + left.size();
    if (refs >= REFS || bytes + more > BYTES) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "the build has "
              + refs
              + " refs whose graphs have "
              + bytes
              + " bytes; at most "
              + REFS
              + " refs with "
              + BYTES
              + " bytes are kept");
    }
  }

  private static long size(Definition definition) {
    long size = 0;
    Set<SourceInfo> files = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Definition.EncodedOp op : definition.ops()) {
      size += op.bytes().size();
      for (SourceLocation location : op.locations()) {
        if (files.add(location.info())) {
          size += location.info().data().size();
        }
      }
    }
    return size;
  }

  /**
   * The graph that a ref stands for; that of an empty ref is scratch.
   *
   * @throws BuildException NOT_FOUND when this conversation has not given the ref out
   */
  Definition find(String id) {
    if (id.isEmpty()) {
      return Definition.SCRATCH;
    }
    lock.lock();
    try {
      Definition found = known.get(id);
      if (found == null) {
        throw new BuildException(Code.NOT_FOUND, "no such ref '" + id + "' in this build");
      }
      return found;
    } finally {
      lock.unlock();
    }
  }
}
