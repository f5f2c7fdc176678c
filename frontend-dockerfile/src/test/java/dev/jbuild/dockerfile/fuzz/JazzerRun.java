package dev.jbuild.dockerfile.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One run of Jazzer over a target, in a process of its own: its agent instruments the frontend's
 * classes as they are loaded, and a target that hangs or exhausts memory takes nothing else along.
 * Inputs that reach something new are kept for the next run, below {@code target/fuzz}.
 */
final class JazzerRun {
  private static final int MAX_INPUT_BYTES = 4096;
  private static final int MAX_SECONDS_PER_INPUT = 60;
  private static final int START_SECONDS = 240;
  private static final int SAME_SECONDS = 240;
  private static final int SEED = 20_261_121;

  private final Target target;
  private final Path home;

  JazzerRun(Target target) {
    this.target = target;
    this.home = Path.of("target", "fuzz", target.shortName()).toAbsolutePath();
  }

  /**
   * @param exitCode 0 where nothing was found
   * @param log all that Jazzer printed
   */
  record Report(int exitCode, String log) {}

  /** Tries so many inputs, the same ones in each run. */
  Report same(int inputs) throws IOException, InterruptedException {
    return fuzz(List.of("-seed=" + SEED, "-runs=" + inputs), SAME_SECONDS);
  }

  Report fuzz(long seconds) throws IOException, InterruptedException {
    return fuzz(List.of("-max_total_time=" + seconds), seconds);
  }

  private Report fuzz(List<String> bound, long seconds) throws IOException, InterruptedException {
    Path corpus = Files.createDirectories(home.resolve("corpus"));
    Path seeds = Files.createDirectories(home.resolve("seeds"));
    List<String> texts = target.seeds();
    for (int i = 0; i < texts.size(); i++) {
      byte[] bytes = texts.get(i).getBytes(StandardCharsets.UTF_8);
      Files.write(seeds.resolve("%04d".formatted(i)), bytes);
    }
    Path dictionary = Files.write(home.resolve("dictionary"), Dictionary.lines());
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx1g",
            "-XX:+UseSerialGC",
            "-XX:+EnableDynamicAgentLoading",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "com.code_intelligence.jazzer.Jazzer",
            "--target_class=" + target.type().getName(),
            "--instrumentation_includes=dev.jbuild.**",
            "--custom_hook_includes=dev.jbuild.**",
            "--reproducer_path=" + home,
            "-artifact_prefix=" + home + "/",
            "-dict=" + dictionary,
            "-max_len=" + MAX_INPUT_BYTES,
            "-timeout=" + MAX_SECONDS_PER_INPUT,
            "-rss_limit_mb=4096",
            "-print_final_stats=1",
            corpus.toString(),
            seeds.toString()));
    command.addAll(bound);
    Path log = home.resolve("log");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      if (!process.waitFor(seconds + START_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError("Jazzer did not end; see " + log);
      }
      return new Report(process.exitValue(), Files.readString(log, StandardCharsets.ISO_8859_1));
    } finally {
      process.destroyForcibly();
    }
  }

  /** Inputs that broke something, now and before. */
  List<Path> finds() throws IOException {
    try (Stream<Path> files = Files.list(home)) {
      return files
          .filter(f -> f.getFileName().toString().matches("(crash|timeout|oom|leak)-.*"))
          .sorted()
          .toList();
    }
  }
}
