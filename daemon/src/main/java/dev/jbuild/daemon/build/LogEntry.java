package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge.Warning;
import dev.jbuild.oci.Digest;
import dev.jbuild.solver.progress.ProgressEvent;

/** What a reader of a {@link ProgressLog} gets. */
public sealed interface LogEntry {

  /** Something happened. */
  record Happened(ProgressEvent event) implements LogEntry {}

  /** A remark about the source, on a vertex that was told of before. */
  record Warned(Digest vertex, Warning warning) implements LogEntry {}
}
