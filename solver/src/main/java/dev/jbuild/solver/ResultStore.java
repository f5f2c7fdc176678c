package dev.jbuild.solver;

import java.util.Optional;

/** Finds results of earlier builds. Safe for use by several threads. */
public interface ResultStore {

  /** The result, or empty when it is gone: a cache record that points at it is then a miss. */
  Optional<Result> load(String id);
}
