package dev.jbuild.ops;

import dev.jbuild.process.ProcessRequest;
import dev.jbuild.solver.progress.VertexProgress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The process's output as the step's log, and lines of our own before and behind it. */
final class StepLogs implements ProcessRequest.Output {
  private final VertexProgress progress;
  private volatile boolean insideLine;

  StepLogs(VertexProgress progress) {
    this.progress = progress;
  }

  @Override
  public void stdout(byte[] bytes, int offset, int length) {
    progress.log(VertexProgress.Stream.STDOUT, bytes, offset, length);
  }

  @Override
  public void stderr(byte[] bytes, int offset, int length) {
    if (length > 0) {
      insideLine = bytes[offset + length - 1] != '\n';
    }
    progress.log(VertexProgress.Stream.STDERR, bytes, offset, length);
  }

  /** To be called before the process begins or when it has ended. */
  void lines(List<String> lines) {
    if (lines.isEmpty()) {
      return;
    }
    String text = (insideLine ? "\n" : "") + String.join("\n", lines) + "\n";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    stderr(bytes, 0, bytes.length);
  }
}
