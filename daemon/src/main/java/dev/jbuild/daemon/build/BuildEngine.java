package dev.jbuild.daemon.build;

import dev.jbuild.frontend.Frontend;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.Solver;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The parts that builds run on, each safe for use by several threads.
 *
 * @param grants the one check of entitlements
 * @param frontends by their names on the wire
 * @param exporters by their types on the wire
 * @param platforms that steps can run on, the worker's own first; never empty
 */
public record BuildEngine(
    Solver solver,
    GrantCheck grants,
    GraphLoader graphs,
    ResultFiles files,
    ImageConfigs images,
    Map<String, Frontend> frontends,
    Map<String, BuildExporter> exporters,
    List<Platform> platforms) {

  public BuildEngine {
    frontends = Collections.unmodifiableMap(new TreeMap<>(frontends));
    exporters = Collections.unmodifiableMap(new TreeMap<>(exporters));
    platforms = List.copyOf(platforms);
  }
}
