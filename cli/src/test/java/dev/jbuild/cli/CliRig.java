package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.cli.build.BuildPlan;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The command line over a fake engine, with all that it sees and says. */
final class CliRig {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  final Path work;
  final FakeEngine engine;
  final Map<String, String> env = new TreeMap<>();
  final FakeCancellation cancellation = new FakeCancellation();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private boolean terminal;

  /**
   * @param work where relative paths start
   */
  CliRig(FakeEngine engine, Path work) {
    this.engine = engine;
    this.work = work;
  }

  /** One in a directory, into which a Dockerfile is put. */
  static CliRig withDockerfile(Path work) throws IOException {
    Files.writeString(work.resolve("Dockerfile"), "FROM scratch\n");
    return new CliRig(new FakeEngine(), work);
  }

  static final class FakeCancellation implements Cancellation {
    private Runnable action = () -> {};
    private boolean cancelled;

    @Override
    public Registration onCancel(Runnable wanted) {
      action = wanted;
      return () -> action = () -> {};
    }

    @Override
    public boolean cancelled() {
      return cancelled;
    }

    void cancel() {
      cancelled = true;
      action.run();
    }
  }

  /** Standard output is a terminal from now on. */
  void showOnTerminal() {
    terminal = true;
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  /** Drops what was said so far. */
  void forget() {
    out.reset();
    err.reset();
  }

  int run(String... args) {
    var screen =
        new Terminal() {
          @Override
          public boolean drawable() {
            return false;
          }

          @Override
          public boolean outputIsTerminal() {
            return terminal;
          }

          @Override
          public int columns() {
            return 80;
          }

          @Override
          public int rows() {
            return 24;
          }
        };
    var context =
        new CliContext(
            new ByteArrayInputStream("FROM scratch\n".getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            env,
            work,
            screen,
            Clock.fixed(START, ZoneOffset.UTC),
            cancellation,
            engine);
    return new CommandLineInterface(context).run(args);
  }

  void ends(int code, String expectedOut, String expectedErr, String... args) {
    int ended = run(args);
    assertEquals(expectedErr, err());
    assertEquals(expectedOut, out());
    assertEquals(code, ended);
  }

  void usage(String error, String... args) {
    ends(ExitCode.USAGE, "", "error: " + error + "\nsee 'jbuild build --help'\n", args);
    assertEquals(List.of(), engine.opened);
  }

  BuildPlan planned(String... args) {
    assertEquals(ExitCode.OK, run(args), err());
    return engine.plans.get(0);
  }
}
