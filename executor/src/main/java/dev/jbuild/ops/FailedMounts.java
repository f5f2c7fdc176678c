package dev.jbuild.ops;

import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.snapshot.Snapshotter.ActiveLayer;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the mounts of a failed step hold, for those who look into it; what nobody looked at goes
 * when it is closed. Its lock guards the layers.
 */
final class FailedMounts implements AutoCloseable {
  private final Worker worker;
  private final List<@Nullable Written> mounts;
  private final Map<Integer, Result> seen = new HashMap<>();
  private boolean closed;

  /**
   * @param mounts one for each of the step's, null for those that were not written to files that
   *     are kept
   */
  FailedMounts(Worker worker, List<@Nullable Written> mounts) {
    this.worker = worker;
    this.mounts = new ArrayList<>(mounts);
  }

  /** A layer that was begun on a state. */
  record Written(Snapshot parent, ActiveLayer layer) {}

  /** What a mount held at the end; null where that is what its input holds. */
  synchronized @Nullable Result at(int mount) throws InterruptedException {
    Written written = mounts.get(mount);
    Result known = seen.get(mount);
    if (written == null || known != null || closed) {
      return known;
    }
    Result kept =
        Failures.wrap(
            "keeping what a failed step has written",
            () ->
                worker.results().of(worker.committed(written.parent(), written.layer().commit())));
    seen.put(mount, kept);
    return kept;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    IOException first = null;
    for (Written written : mounts) {
      try {
        if (written != null) {
          written.layer().close();
        }
      } catch (IOException failure) {
        if (first != null) {
          failure.addSuppressed(first);
        }
        first = failure;
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
