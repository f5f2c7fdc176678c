package dev.jbuild.ops;

import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.session.Session;
import dev.jbuild.solver.llb.EntitlementPolicy;
import dev.jbuild.source.Source;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What belongs to one job: its session, its grants, and what was opened for it, which closing gives
 * back. Safe for use by several threads.
 */
public final class JobScope implements AutoCloseable {
  private final Session session;
  private final EntitlementPolicy policy;
  private final NetworkPlan network;
  private final BuildLedger ledger = new BuildLedger();
  private final Map<String, Source> sources;
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
  private final List<LocalMirrors.Lease> opened = new ArrayList<>();

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

  @Override
  public synchronized void close() {
    for (LocalMirrors.Lease lease : opened) {
      try {
        lease.close();
      } catch (IOException e) {
        System.getLogger(JobScope.class.getName())
            .log(Level.WARNING, "what a build had received was not given back", e);
      }
    }
    opened.clear();
  }
}
