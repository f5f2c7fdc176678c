package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * The file of {@code --network-report}. Whatever becomes of the report, the build's result is what
 * it is without.
 */
final class NetworkReportFile {
  private static final String STDOUT = "-";

  private final @Nullable String target;
  private final CliContext context;
  private @Nullable Bytes json;
  private String missing = "";

  /**
   * @param target null when no report is wanted
   */
  NetworkReportFile(@Nullable String target, CliContext context) {
    this.target = target;
    this.context = context;
  }

  /**
   * Refuses what can not be before anything is built.
   *
   * @param archive whether an archive goes to standard output
   * @param quiet whether the image's id does
   */
  void check(boolean archive, boolean quiet) {
    if (target == null) {
      return;
    }
    if (target.isEmpty()) {
      throw new UsageException("--network-report: empty; give a file, or '-' for standard output");
    }
    if (target.equals(STDOUT) && (archive || quiet)) {
      throw new UsageException(
          "--network-report: standard output is taken by "
              + (archive ? "--output" : "--quiet")
              + "; give a file");
    }
  }

  /** Asks for the report of the build that has just ended. */
  void fetch(Engine engine) throws InterruptedException {
    if (target == null || context.cancellation().cancelled()) {
      return;
    }
    try {
      json = engine.networkReport();
    } catch (BuildException e) {
      missing = e.message();
    }
  }

  /**
   * Writes what was fetched, after a build that succeeded.
   *
   * @throws BuildException FAILED when the file can not be written
   */
  void write() {
    if (target == null) {
      return;
    }
    if (json == null) {
      if (!missing.isEmpty()) {
        warn(missing);
      }
      return;
    }
    String text = json.toUtf8();
    String whole = text.endsWith("\n") ? text : text + "\n";
    if (target.equals(STDOUT)) {
      context.out().print(whole);
    } else {
      put(context.directory().resolve(target), whole);
    }
  }

  /** The same after a build that failed: that counts more than a file that can not be written. */
  void writeAfter(BuildException failure) {
    try {
      write();
    } catch (BuildException e) {
      failure.addSuppressed(e);
      context.err().println("warning: " + e.message());
    }
  }

  private void warn(String what) {
    context.err().println("warning: --network-report: nothing is written: " + what);
  }

  /** A reader sees the old file or the new one. */
  private void put(Path file, String text) {
    try {
      Path name = file.getFileName();
      if (name == null || (Files.exists(file) && !Files.isRegularFile(file))) {
        Files.writeString(file, text); // a pipe or a device
        return;
      }
      Path early = file.resolveSibling("." + name + "." + ProcessHandle.current().pid());
      try {
        Files.writeString(early, text);
        Files.move(
            early, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(early);
      }
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "--network-report: '" + target + "' could not be written: " + e, e);
    }
  }
}
