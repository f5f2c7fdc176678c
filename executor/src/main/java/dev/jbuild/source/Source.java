package dev.jbuild.source;

import dev.jbuild.registry.TransferProgress;

/**
 * Where a build's inputs of one scheme come from. An instance belongs to one job: it may hold the
 * job's session, and what a name stood for stays so for the job. Methods block; interruption means
 * cancel. Safe for use by several threads.
 */
public interface Source {

  /** What identifiers begin with, without {@code ://}. */
  String scheme();

  /**
   * Finds out what an identifier stands for, without bringing its content.
   *
   * @throws dev.jbuild.error.BuildException when there is no such thing or it cannot be asked for
   */
  Located locate(SourceRequest request, TransferProgress progress) throws InterruptedException;
}
