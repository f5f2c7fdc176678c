package dev.jbuild.daemon.build;

import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.llb.LlbLoader;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.solver.policy.SourcePolicies;
import dev.jbuild.solver.policy.SourcePolicies.Admitted;
import dev.jbuild.solver.progress.ProgressEvent;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Asks a build's policies about every source before anything is done with it, and tells the build's
 * log what they have changed. Safe for use by several threads.
 */
final class SourceAdmission {
  /** So many conversions of one build are shown. */
  private static final int SHOWN = 1_000;

  private final SourcePolicies policies;
  private final ProgressLog log;
  private final Clock clock;
  private final Set<String> shown;

  SourceAdmission(SourcePolicies policies, ProgressLog log, Clock clock) {
    this(policies, log, clock, ConcurrentHashMap.newKeySet());
  }

  private SourceAdmission(
      SourcePolicies policies, ProgressLog log, Clock clock, Set<String> shown) {
    this.policies = policies;
    this.log = log;
    this.clock = clock;
    this.shown = shown;
  }

  /** The same build under more policies. */
  SourceAdmission under(SourcePolicies more) {
    return more.isEmpty() ? this : new SourceAdmission(policies.and(more), log, clock, shown);
  }

  /**
   * What is to be used for a source that is no step of a graph.
   *
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED when a policy denies it
   */
  SourceOp admit(SourceOp source) {
    Admitted admitted = policies.admit(source, Place::request);
    show(admitted.changes());
    return admitted.source();
  }

  /**
   * A graph with sources that may be used; the same where nothing changes. One that was admitted is
   * admitted again as it is.
   *
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED when a policy denies one of its
   *     sources, whether or not the result needs it
   */
  Definition admit(Definition definition) {
    if (policies.isEmpty()) {
      return definition;
    }
    Map<Digest, SourceOp> others = new HashMap<>();
    Map<SourceOp, List<String>> changes = new HashMap<>();
    for (EncodedOp op : definition.ops()) {
      if (op.op() instanceof SourceOp source) {
        Admitted admitted = policies.admit(source, () -> Place.of(op));
        if (!admitted.changes().isEmpty()) {
          others.put(op.digest(), admitted.source());
          changes.put(admitted.source(), admitted.changes());
        }
      }
    }
    if (others.isEmpty()) {
      return definition;
    }
    Definition made = DefinitionEncoder.encode(definition.toGraph(others));
    changes.values().forEach(this::show);
    explain(made, changes);
    return made;
  }

  /** As a vertex of its own, which all clients and the build's record show. */
  private void show(List<String> changes) {
    for (String line : changes) {
      if (shown.size() < SHOWN && shown.add(line)) {
        var vertex =
            new SyntheticVertex("source policy " + line, "[internal] source policy: " + line);
        log.accept(vertex.done(clock.instant()));
      }
    }
  }

  private void explain(Definition made, Map<SourceOp, List<String>> changes) {
    Instant now = clock.instant();
    for (EncodedOp op : made.ops()) {
      if (op.op() instanceof SourceOp source) {
        for (String line : changes.getOrDefault(source, List.of())) {
          log.accept(new ProgressEvent.Trace(LlbLoader.digest(op), now, "source policy: " + line));
        }
      }
    }
  }
}
