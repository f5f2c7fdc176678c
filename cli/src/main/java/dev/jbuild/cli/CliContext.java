package dev.jbuild.cli;

import dev.jbuild.cli.engine.Engines;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * All of the process that a command may use, so that the same commands can run inside a process
 * that serves several callers.
 *
 * @param out for results
 * @param err for progress, remarks and errors
 * @param directory the working directory, absolute
 */
public record CliContext(
    InputStream in,
    PrintStream out,
    PrintStream err,
    Map<String, String> env,
    Path directory,
    Terminal terminal,
    Clock clock,
    Cancellation cancellation,
    Engines engines) {

  public CliContext {
    env = Map.copyOf(env);
  }
}
