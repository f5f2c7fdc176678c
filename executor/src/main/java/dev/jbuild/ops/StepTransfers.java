package dev.jbuild.ops;

import dev.jbuild.registry.TransferProgress;
import dev.jbuild.solver.progress.VertexProgress;
import java.nio.charset.StandardCharsets;

/** Shows transfers as part of a step. */
public record StepTransfers(VertexProgress progress) implements TransferProgress {
  @Override
  public void status(String id, long currentBytes, long totalBytes, boolean done) {
    progress.status(id, currentBytes, totalBytes, done);
  }

  @Override
  public void note(String line) {
    byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
    progress.log(VertexProgress.Stream.STDERR, bytes, 0, bytes.length);
  }
}
