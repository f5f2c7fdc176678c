package dev.jbuild.daemon.build;

import dev.jbuild.export.Exporter;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.Solver;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The parts that builds run on, each safe for use by several threads.
 *
 * @param grants of the daemon's configuration
 * @param frontends by their names on the wire
 * @param exporters one of each type
 * @param platforms that steps can run on, the worker's own first; never empty
 */
public record BuildEngine(
    Solver solver,
    Set<Entitlement> grants,
    BuildOps ops,
    ResultSnapshots results,
    ImageConfigs images,
    SourceDescriptions sources,
    Map<String, Frontend> frontends,
    List<Exporter> exporters,
    List<Platform> platforms) {

  public BuildEngine {
    grants = Set.copyOf(grants);
    frontends = Collections.unmodifiableMap(new TreeMap<>(frontends));
    exporters = List.copyOf(exporters);
    platforms = List.copyOf(platforms);
  }
}
