package dev.jbuild.export;

import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.Credentials;
import dev.jbuild.session.OutputSink;

/**
 * What one export works with.
 *
 * @param outputs the client's side
 * @param index of the exporter in the request
 * @param credentials the client's
 */
public record ExportContext(
    OutputSink outputs, int index, TransferProgress progress, Credentials credentials) {

  /** Shows that a piece of work has begun. */
  public void started(String id) {
    progress.status(id, 0, 0, false);
  }

  /** Shows that it has ended. */
  public void done(String id) {
    progress.status(id, 0, 0, true);
  }
}
