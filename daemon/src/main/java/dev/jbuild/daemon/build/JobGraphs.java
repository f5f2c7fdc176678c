package dev.jbuild.daemon.build;

import dev.jbuild.llb.Definition;
import dev.jbuild.solver.Edge;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.Solver;
import dev.jbuild.solver.llb.LlbLoader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Solves the graphs of one build: the client's, a frontend's, and those a frontend reads from. */
record JobGraphs(Solver solver, LlbLoader loader, Job job) {

  /** Loads a graph, entitlements checked, and forgets it. */
  void check(Definition definition) {
    loader.load(definition);
  }

  /**
   * One result for each definition, null where it is scratch. All graphs are loaded, and their
   * entitlements checked, before any is solved.
   */
  List<@Nullable Result> solve(List<Definition> definitions) throws InterruptedException {
    var edges = new ArrayList<Edge>();
    for (Definition definition : definitions) {
      loader.load(definition).ifPresent(edges::add);
    }
    var solved =
        edges.isEmpty() ? Collections.<Result>emptyIterator() : solver.solve(job, edges).iterator();
    var results = new ArrayList<@Nullable Result>();
    for (Definition definition : definitions) {
      results.add(definition.result() == null ? null : solved.next());
    }
    return results;
  }
}
