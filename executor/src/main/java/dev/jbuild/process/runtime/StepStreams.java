package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.Terminal;
import dev.jbuild.process.ProcessRequest;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.process.ProcessRequest.Dialogue;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a process of a step is connected: by pipes, or by a terminal. */
record StepStreams(boolean writes, @Nullable Terminal terminal) implements AutoCloseable {

  /** Opens the terminal where one is wanted. */
  static StepStreams open(Kernel kernel, ProcessRequest.Output output) throws IOException {
    return new StepStreams(
        output instanceof Dialogue, terminal(output) ? kernel.openTerminal() : null);
  }

  static boolean terminal(ProcessRequest.Output output) {
    return output instanceof Attended attended && attended.terminal();
  }

  /**
   * What comes before the runtime's command. A process of this machine's init that opens a terminal
   * would get it as its own, and be ended with it: so a child opens it, which leads no session.
   */
  List<String> before() {
    return terminal == null
        ? List.of()
        : List.of(
            "/bin/sh", "-c", "exec <\"$0\" >\"$0\" 2>&1; exec \"$@\"", terminal.path().toString());
  }

  OutputStream input(Process process) {
    return terminal == null ? process.getOutputStream() : terminal.input();
  }

  InputStream output(Process process) {
    return terminal == null ? process.getInputStream() : terminal.output();
  }

  @Override
  public void close() throws IOException {
    if (terminal != null) {
      terminal.close();
    }
  }
}
