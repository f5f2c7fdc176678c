package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One small process beside this one that outlives it: when this process ends, however it ends, it
 * kills the steps that are left and cleans up after them. It notices by the end of a pipe.
 */
final class Watchdog implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Watchdog.class.getName());
  private static final Path SETSID = Path.of("/usr/bin/setsid");
  private static final long CLEANING_MILLIS = 20_000;

  private final Process process;

  private Watchdog(Process process) {
    this.process = process;
  }

  /** Starts watching over a run directory. */
  static Watchdog start(Path runDirectory, String tag) throws IOException {
    var command = new ArrayList<String>();
    if (Files.isExecutable(SETSID)) {
      command.add(SETSID.toString()); // Ctrl-C in a terminal is not for it
    }
    command.addAll(script(runDirectory, tag, "watch"));
    var process = builder(command).redirectInput(ProcessBuilder.Redirect.PIPE).start();
    return new Watchdog(process);
  }

  /** Cleans up after a process that used the run directory before. */
  static void cleanOnce(Path runDirectory, String tag) throws IOException, InterruptedException {
    var process = builder(script(runDirectory, tag, "once")).start();
    try {
      if (!process.waitFor(2 * CLEANING_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new BuildException(
            Code.FAILED,
            "cleaning up after an earlier jbuild in "
                + runDirectory
                + " does not end: look for processes and mounts below that directory");
      }
    } finally {
      process.destroyForcibly();
    }
  }

  private static List<String> script(Path runDirectory, String tag, String mode)
      throws IOException {
    try (InputStream in = Watchdog.class.getResourceAsStream("watchdog.sh")) {
      if (in == null) {
        throw new IllegalStateException("watchdog.sh is not in the class path");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return List.of("/bin/sh", "-c", text, "jbuild-watchdog", runDirectory.toString(), tag, mode);
    }
  }

  private static ProcessBuilder builder(List<String> command) {
    var builder = new ProcessBuilder(command);
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.redirectError(ProcessBuilder.Redirect.DISCARD);
    builder.environment().keySet().retainAll(Map.of("PATH", "").keySet());
    return builder;
  }

  /** Whether it still watches. */
  boolean isAlive() {
    return process.isAlive();
  }

  /** Lets it clean up and waits for its end, through interruptions. */
  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    boolean interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(CLEANING_MILLIS, TimeUnit.MILLISECONDS)) {
        LOG.log(System.Logger.Level.WARNING, "watchdog {0} is still cleaning up", process.pid());
      }
    } catch (InterruptedException again) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
