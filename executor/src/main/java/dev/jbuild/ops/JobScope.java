package dev.jbuild.ops;

import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.Session;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.source.Source;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What belongs to one job: its session, its grants, and what was opened for it, which closing gives
 * back. Safe for use by several threads.
 */
public final class JobScope implements AutoCloseable {
  /** So many steps that failed are kept to be looked into. */
  private static final int FAILED_STEPS = 16;

  private final Session session;
  private final EntitlementPolicy policy;
  private final NetworkPlan network;
  private final BuildLedger ledger = new BuildLedger();
  private final Map<String, Source> sources;
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
  private final List<LocalMirrors.Lease> opened = new ArrayList<>();
  private final Map<Digest, FailedMounts> failed = new HashMap<>();
  private boolean closed;

  /**
   * @param network what the build asks for beyond the modes
   * @param sources of this job, by scheme
   */
  public JobScope(
      Session session,
      EntitlementPolicy policy,
      NetworkPlan network,
      List<? extends Source> sources) {
    this.session = session;
    this.policy = policy;
    this.network = network;
    var byScheme = new TreeMap<String, Source>();
    sources.forEach(source -> byScheme.put(source.scheme(), source));
    this.sources = Map.copyOf(byScheme);
  }

  Session session() {
    return session;
  }

  EntitlementPolicy policy() {
    return policy;
  }

  NetworkPlan network() {
    return network;
  }

  /** What the job's steps did in their networks. */
  public BuildLedger ledger() {
    return ledger;
  }

  Map<String, Source> sources() {
    return sources;
  }

  /** Whether the job has not let the cache mounts of this id begin anew before. */
  boolean forgetsFirst(String cacheId) {
    return forgotten.add(cacheId);
  }

  /** Keeps the lease until the job ends. */
  synchronized void keep(LocalMirrors.Lease lease) {
    opened.add(lease);
  }

  /**
   * Keeps what a failed step has written until the job ends; of two of one op the later.
   *
   * @param op digest of the step's op
   */
  void keep(Digest op, FailedMounts mounts) {
    FailedMounts dropped;
    synchronized (this) {
      boolean full = closed || (failed.size() == FAILED_STEPS && !failed.containsKey(op));
      dropped = full ? mounts : failed.put(op, mounts);
    }
    if (dropped != null) {
      drop(dropped::close, "what a failed step has written was not deleted");
    }
  }

  /**
   * What a mount of a failed step holds; null where it is what its input holds, or nobody knows.
   *
   * @param mount its index in the op
   */
  public @Nullable Result left(Digest op, int mount) throws InterruptedException {
    FailedMounts kept;
    synchronized (this) {
      kept = failed.get(op);
    }
    return kept == null ? null : kept.at(mount);
  }

  @Override
  public synchronized void close() {
    closed = true;
    opened.forEach(lease -> drop(lease::close, "what a build had received was not given back"));
    opened.clear();
    failed
        .values()
        .forEach(mounts -> drop(mounts::close, "what a failed step has written was not deleted"));
    failed.clear();
  }

  /** What is given back. */
  private interface Kept {
    void close() throws IOException;
  }

  private static void drop(Kept kept, String complaint) {
    try {
      kept.close();
    } catch (IOException e) {
      System.getLogger(JobScope.class.getName()).log(Level.WARNING, complaint, e);
    }
  }
}
