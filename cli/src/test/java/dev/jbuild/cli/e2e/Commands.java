package dev.jbuild.cli.e2e;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Programs of this machine, run by tests. */
final class Commands {
  private static final String SEARCH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin";
  private static final long LIMIT_SECONDS = 60;
  private static final long POLL_NANOS = 10_000_000;

  private Commands() {}

  /** The program's path; without it the test is skipped. */
  static Path assumed(String program) {
    Optional<Path> found =
        Arrays.stream((SEARCH + ":/bin").split(":", -1))
            .map(directory -> Path.of(directory, program))
            .filter(Files::isExecutable)
            .findFirst();
    Assumptions.assumeTrue(
        found.isPresent(),
        "skipped: the program '" + program + "' is missing; tools/install test installs it");
    return found.orElseThrow();
  }

  /** Runs a command, which must succeed, and gives what it writes. */
  static String exec(String... command) throws IOException, InterruptedException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Assertions.assertTrue(
          process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), () -> "no end: " + said);
      Assertions.assertEquals(0, process.exitValue(), () -> List.of(command) + ": " + said);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }

  /** Runs a shell's command, which must succeed, and gives what it writes. */
  static String sh(String command) throws IOException, InterruptedException {
    return exec("sh", "-c", command);
  }

  /** Waits until the condition holds, and fails the test when it does not in time. */
  static void await(String what, Duration limit, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.call()) {
      Assertions.assertTrue(System.nanoTime() < end, "waited in vain: " + what);
      LockSupport.parkNanos(POLL_NANOS);
    }
  }

  /** A program of this machine with what it loads, below a directory. */
  static void copyWithLibraries(Path program, Path root) throws IOException, InterruptedException {
    Files.createDirectories(root.resolve("bin"));
    Files.copy(program, root.resolve("bin").resolve(program.getFileName().toString()));
    for (String word : exec("ldd", program.toString()).split("\\s+", -1)) {
      Path library = Path.of(word);
      if (word.startsWith("/") && Files.isRegularFile(library)) {
        Path target = root.resolve(word.substring(1));
        Files.createDirectories(target.getParent());
        Files.copy(library, target);
      }
    }
  }
}
