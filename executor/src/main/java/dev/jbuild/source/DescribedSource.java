package dev.jbuild.source;

import dev.jbuild.registry.TransferProgress;

/** A source that tells what it is to those who decide whether it may be used. */
public interface DescribedSource extends Source {

  /**
   * Finds out what an identifier stands for, which then stays so for the job.
   *
   * @throws dev.jbuild.error.BuildException when there is no such thing or it cannot be asked for
   */
  SourceFacts describe(SourceRequest request, SourceQuestion question, TransferProgress progress)
      throws InterruptedException;
}
