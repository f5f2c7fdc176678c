package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkReportTest {
  @TempDir Path work;
  private final FakeEngine engine = new FakeEngine();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private boolean cancelled;

  private static BuildException oldDaemon() {
    return new BuildException(
        Code.UNIMPLEMENTED, "the daemon at 'tcp://h:1' keeps no network reports");
  }

  private int run(String... flags) throws IOException {
    Files.writeString(work.resolve("Dockerfile"), "FROM scratch\n");
    var args = new ArrayList<String>(List.of("build", "-q"));
    args.addAll(List.of(flags));
    args.add(".");
    return new CommandLineInterface(context()).run(args.toArray(String[]::new));
  }

  private CliContext context() {
    var cancellation =
        new Cancellation() {
          @Override
          public Registration onCancel(Runnable action) {
            return () -> {};
          }

          @Override
          public boolean cancelled() {
            return cancelled;
          }
        };
    return new CliContext(
        InputStream.nullInputStream(),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8),
        Map.of(),
        work,
        new NoTerminal(),
        Clock.systemUTC(),
        cancellation,
        engine);
  }

  private static final class NoTerminal implements Terminal {
    @Override
    public boolean drawable() {
      return false;
    }

    @Override
    public boolean outputIsTerminal() {
      return false;
    }

    @Override
    public int columns() {
      return 80;
    }

    @Override
    public int rows() {
      return 24;
    }
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }

  private List<String> files() throws IOException {
    try (var names = Files.list(work)) {
      return names.map(name -> name.getFileName().toString()).sorted().toList();
    }
  }

  private NetworkReportFile file(@Nullable String target) {
    return new NetworkReportFile(target, context());
  }

  @Test
  void theFileHasWhatTheEngineTells() throws IOException {
    engine.networkReport = "{\"steps\":[]}";
    Files.writeString(work.resolve("net.json"), "old");
    assertEquals(ExitCode.OK, run("--network-report=net.json"), err());
    assertEquals("{\"steps\":[]}\n", Files.readString(work.resolve("net.json")));
    assertEquals(List.of("Dockerfile", "net.json"), files());
  }

  @Test
  void aFailedBuildHasAReportAndKeepsItsFailure() throws IOException {
    engine.failure = new BuildException(Code.INVALID, "no such host");
    assertEquals(ExitCode.INVALID, run("--network-report", "net.json"));
    assertEquals("{}\n", Files.readString(work.resolve("net.json")));
    assertEquals("error: no such host\n", err());
  }

  @Test
  void withoutTheFlagNobodyIsAsked() throws IOException {
    engine.reportFailure = oldDaemon();
    assertEquals(ExitCode.OK, run());
    assertEquals("", err());
  }

  @Test
  void anOldDaemonIsWarnedOfAndTheBuildSucceeds() throws IOException {
    engine.reportFailure = oldDaemon();
    assertEquals(ExitCode.OK, run("--network-report=net.json"));
    assertEquals(
        "warning: --network-report: nothing is written: the daemon at 'tcp://h:1' keeps no network"
            + " reports\n",
        err());
    assertFalse(Files.exists(work.resolve("net.json")));
  }

  @Test
  void aFailedBuildByAnOldDaemonFailsAsBefore() throws IOException {
    engine.reportFailure = oldDaemon();
    engine.failure = new BuildException(Code.INVALID, "no such host");
    assertEquals(ExitCode.INVALID, run("--network-report=net.json"));
    assertTrue(err().endsWith("error: no such host\n"), err());
  }

  @Test
  void aCancelledBuildHasNone() throws IOException {
    cancelled = true;
    engine.failure = new BuildException(Code.CANCELLED, "the build was cancelled");
    assertEquals(ExitCode.CANCELLED, run("--network-report=net.json"));
    assertFalse(Files.exists(work.resolve("net.json")));
  }

  @Test
  void aFileThatCanNotBeWrittenIsNamed() throws IOException {
    assertEquals(ExitCode.FAILED, run("--network-report=no/net.json"));
    assertTrue(
        err().startsWith("error: --network-report: 'no/net.json' could not be written: "), err());
  }

  @Test
  void afterAFailureItIsOnlyAWarning() throws IOException {
    engine.failure = new BuildException(Code.INVALID, "no such host");
    assertEquals(ExitCode.INVALID, run("--network-report=no/net.json"));
    assertTrue(
        err().startsWith("warning: --network-report: 'no/net.json' could not be written: "), err());
    assertTrue(err().endsWith("error: no such host\n"), err());
  }

  @Test
  void standardOutputIsOneOfTheTargets() throws InterruptedException {
    var report = file("-");
    report.check(false, false);
    report.fetch(engine);
    report.write();
    assertEquals("{}\n", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void standardOutputHasOneWriter() throws IOException {
    assertEquals(ExitCode.USAGE, run("--network-report=-"));
    assertEquals(
        """
        error: --network-report: standard output is taken by --quiet; give a file
        see 'jbuild build --help'
        """,
        err());
    var e = assertThrows(UsageException.class, () -> file("-").check(true, false));
    assertEquals(
        "--network-report: standard output is taken by --output; give a file", e.getMessage());
  }

  @Test
  void anEmptyNameIsRefused() {
    var e = assertThrows(UsageException.class, () -> file("").check(false, false));
    assertEquals(
        "--network-report: empty; give a file, or '-' for standard output", e.getMessage());
  }
}
