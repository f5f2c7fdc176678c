package dev.jbuild.daemon.build;

import dev.jbuild.solver.progress.VertexProgress;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;

/** Finds out what sources are that are no images. */
public interface SourceDescriptions {

  /**
   * Asks a source of the build.
   *
   * @throws dev.jbuild.error.BuildException UNIMPLEMENTED when sources of that scheme cannot be
   *     asked; another when there is no such thing or its server does not answer
   */
  SourceFacts describe(
      SourceRequest request, SourceQuestion question, BuildScope scope, VertexProgress progress)
      throws InterruptedException;
}
