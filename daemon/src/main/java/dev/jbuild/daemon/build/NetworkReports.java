package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What the steps of the last builds did in their networks, as JSON. Bounded in builds and in bytes:
 * the oldest go first. Its lock guards the table.
 */
public final class NetworkReports {
  /** How many builds are kept at most. */
  static final int BUILDS = 100;

  /** One report at most: it has to fit into a message. */
  static final int REPORT_BYTES = 8 << 20;

  /** All of them together at most. */
  static final long ALL_BYTES = 32 << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Kept> kept = new LinkedHashMap<>();
  private long bytes;

  /**
   * A report.
   *
   * @param json null when it was too large
   */
  private record Kept(@Nullable Bytes json, int size) {
    long held() {
      return json == null ? 0 : size;
    }
  }

  /** Keeps the report of a build that has ended; of two of one ref the later. */
  void keep(String ref, Bytes json) {
    var added = new Kept(json.size() > REPORT_BYTES ? null : json, json.size());
    lock.lock();
    try {
      Kept old = kept.remove(ref);
      bytes += added.held() - (old == null ? 0 : old.held());
      kept.put(ref, added);
      var oldest = kept.values().iterator();
      while (kept.size() > BUILDS || bytes > ALL_BYTES) {
        bytes -= oldest.next().held();
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The report of a build.
   *
   * @throws BuildException NOT_FOUND when there is none, RESOURCE_EXHAUSTED when it was too large
   */
  public Bytes find(String ref) {
    Kept found;
    lock.lock();
    try {
      found = kept.get(ref);
    } finally {
      lock.unlock();
    }
    if (found == null) {
      throw new BuildException(
          Code.NOT_FOUND,
          "no network report of a build '"
              + ref
              + "': those of the last "
              + BUILDS
              + " builds are kept until the daemon ends");
    }
    if (found.json() == null) {
      throw new BuildException(
          Code.RESOURCE_EXHAUSTED,
          "the network report of build '"
              + ref
              + "' has "
              + found.size()
              + " bytes; at most "
              + REPORT_BYTES
              + " are kept");
    }
    return found.json();
  }
}
