package dev.jbuild.daemon.build;

import dev.jbuild.registry.TransferProgress;
import dev.jbuild.solver.progress.VertexProgress;
import java.nio.charset.StandardCharsets;

/** Shows transfers as the sub-progress of a vertex, and remarks as its output. */
public record VertexTransfers(VertexProgress progress) implements TransferProgress {

  @Override
  public void status(String id, long currentBytes, long totalBytes, boolean done) {
    progress.status(id, currentBytes, totalBytes, done);
  }

  @Override
  public void note(String line) {
    byte[] text = (line + "\n").getBytes(StandardCharsets.UTF_8);
    progress.log(VertexProgress.Stream.STDERR, text, 0, text.length);
  }
}
