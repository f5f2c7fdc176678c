package dev.jbuild.daemon.build;

import dev.jbuild.llb.Definition;
import dev.jbuild.solver.Edge;

/** Makes a definition solvable: the engine's side of a build's graphs. */
public interface GraphLoader {

  /**
   * The edge that a definition names; each op gets what it needs of the build.
   *
   * @param definition not scratch
   * @throws dev.jbuild.error.BuildException PERMISSION_DENIED when an op needs a grant that the
   *     build does not have, INVALID when the graph is wrong; nothing has run then
   */
  Edge load(Definition definition, BuildScope scope);

  /** The build is over: what was opened for its graphs is given back. */
  default void end(BuildScope scope) {}
}
