package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.api.FakeContents;
import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.daemon.config.Program;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The whole daemon over a toy engine, in this process. */
final class ServedDaemon implements AutoCloseable {
  private static final Pattern PORT = Pattern.compile("listens at tcp://127.0.0.1:([0-9]+)");
  private static final Pattern DEBUG_PORT = Pattern.compile("metrics at tcp://127.0.0.1:([0-9]+)");

  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final Jbuildd program;
  private final Thread thread;

  private ServedDaemon(String... args) {
    program =
        new Jbuildd(
            Program.JBUILDD,
            config ->
                new Wiring.Engine(
                    new ToyEngine().parts(),
                    (call, output) -> {
                      throw new IllegalStateException("nothing is run");
                    },
                    List::of,
                    directories -> {
                      throw new IllegalStateException("nobody asks");
                    },
                    new FakeContents(),
                    () -> {},
                    () -> {}),
            new PrintStream(printed, true, StandardCharsets.UTF_8));
    thread = Thread.ofPlatform().start(() -> program.runToEnd(args));
  }

  /** Starts one and waits until it serves. */
  static ServedDaemon over(Path root, String lastLine, String... flags) {
    var args = new ArrayList<String>(List.of("--root", root.toString()));
    args.addAll(List.of(flags));
    var daemon = new ServedDaemon(args.toArray(String[]::new));
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!daemon.said().contains(lastLine)) {
      assertTrue(daemon.thread.isAlive(), "the daemon has ended");
      assertTrue(System.nanoTime() < deadline, "the daemon does not say '" + lastLine + "'");
      Thread.onSpinWait();
    }
    return daemon;
  }

  String said() {
    return printed.toString(StandardCharsets.UTF_8);
  }

  int port() {
    return found(PORT);
  }

  int debugPort() {
    return found(DEBUG_PORT);
  }

  private int found(Pattern pattern) {
    Matcher matcher = pattern.matcher(said());
    assertTrue(matcher.find(), said());
    return Integer.parseInt(matcher.group(1));
  }

  @Override
  public void close() {
    program.stop();
    try {
      assertTrue(thread.join(Duration.ofSeconds(20)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
