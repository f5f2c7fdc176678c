package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.engine.TlsOptions;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.daemon.Version;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
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
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLineInterfaceTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @TempDir Path work;
  private final FakeEngine engine = new FakeEngine();
  private final Map<String, String> env = new TreeMap<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final FakeCancellation cancellation = new FakeCancellation();
  private boolean terminal;

  @BeforeEach
  void context() throws IOException {
    Files.writeString(work.resolve("Dockerfile"), "FROM scratch\n");
  }

  private static final class FakeCancellation implements Cancellation {
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

  private int run(String... args) {
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

  private void ends(int code, String expectedOut, String expectedErr, String... args) {
    int ended = run(args);
    assertEquals(expectedErr, err.toString(StandardCharsets.UTF_8));
    assertEquals(expectedOut, out.toString(StandardCharsets.UTF_8));
    assertEquals(code, ended);
  }

  private void usage(String error, String... args) {
    ends(ExitCode.USAGE, "", "error: " + error + "\nsee 'jbuild build --help'\n", args);
    assertEquals(List.of(), engine.opened);
  }

  private BuildPlan planned(String... args) {
    assertEquals(ExitCode.OK, run(args), err.toString(StandardCharsets.UTF_8));
    return engine.plans.get(0);
  }

  private String firstLine() {
    return "#0 jbuild: Dockerfile in this process, state in /var/lib/jbuild\n";
  }

  @Test
  void versionAndHelpNeedNothing() {
    ends(0, "jbuild " + Version.text() + "\n", "", "version");
    assertEquals(0, run("--help"));
    assertEquals(0, run("build", "--help"));
    assertTrue(out.toString(StandardCharsets.UTF_8).contains("--build-arg=K=V"));
    assertEquals(List.of(), engine.opened);
  }

  @Test
  void theDaemonOfBuildkitsEnvironmentIsUsed() {
    env.put("BUILDKIT_HOST", "tcp://b:1");
    planned("build", ".");
    assertEquals(new Engines.Daemon("tcp://b:1", null), engine.opened.get(0));
    env.put("JBUILD_HOST", "unix:///j");
    planned("build", ".");
    assertEquals(new Engines.Daemon("unix:///j", null), engine.opened.get(1));
  }

  @Test
  void filesOfTlsGoWithATcpAddress() throws IOException {
    planned("--addr", "tcp://b:1", "--tlscacert=ca", "--tlscert", "c", "--tlskey=k", "build", ".");
    assertEquals(
        new Engines.Daemon(
            "tcp://b:1",
            new TlsOptions(work.resolve("ca"), work.resolve("c"), work.resolve("k"), null)),
        engine.opened.get(0));
    Path files = Files.createDirectory(work.resolve("tls"));
    for (String name : List.of("ca.pem", "tls.crt", "tls.key")) {
      Files.createFile(files.resolve(name));
    }
    planned("build", "--addr=tcp://b:1", "--tlsdir=tls", "--tlsservername=n", ".");
    assertEquals(
        new Engines.Daemon(
            "tcp://b:1",
            new TlsOptions(
                files.resolve("ca.pem"), files.resolve("tls.crt"), files.resolve("tls.key"), "n")),
        engine.opened.get(1));
  }

  @Test
  void tlsWithoutTcpIsRefused() {
    usage(
        "--tlscacert: TLS is for daemons at tcp://HOST:PORT, and this one is at 'unix:///x'",
        "build",
        "--addr=unix:///x",
        "--tlscacert=ca",
        ".");
  }

  @Test
  void aCertificateNeedsItsKey() {
    usage(
        "--tlscert and --tlskey belong together: give both or none",
        "build",
        "--addr=tcp://x:1",
        "--tlscert=c",
        ".");
  }

  @Test
  void workersOfADaemonAreListed() {
    env.put("BUILDKIT_HOST", "unix:///b");
    ends(0, "ID   PLATFORMS\nw1   linux/amd64,linux/arm64\n", "", "debug", "workers");
    assertEquals(new Engines.Daemon("unix:///b", null), engine.opened.get(0));
  }

  @Test
  void mistypedCommandsAndFlagsAreGuessed() {
    ends(
        ExitCode.USAGE,
        "",
        "error: unknown command 'biuld', did you mean 'build'?\nsee 'jbuild --help'\n",
        "biuld",
        ".");
  }

  @Test
  void mistypedFlagsAreGuessed() {
    usage("unknown flag '--netwrok', did you mean '--network'?", "build", "--netwrok=host", ".");
  }

  @Test
  void flagsOfLaterSayWhatTheyComeWith() {
    usage(
        "--cache-to comes with the remote cache and is not offered yet",
        "build",
        "--cache-to=type=inline",
        ".");
  }

  @Test
  void oneContextIsWanted() {
    usage("no context given: name a directory, such as '.'", "build", "-t", "a");
  }

  @Test
  void aMissingValueIsNamed() {
    usage("missing required parameter for option '--file' (FILE)", "build", ".", "-f");
  }

  @Test
  void flagsStandBeforeAndAfterTheContext() {
    var plan =
        planned("build", "-qt", "a", ".", "--target=x", "--no-cache", "--build-arg", "A=1,2");
    assertEquals("x", plan.attrs().get("target"));
    assertEquals("", plan.attrs().get("no-cache"));
    assertEquals("1,2", plan.attrs().get("build-arg:A"));
    assertEquals("a", plan.outputs().get(0).attrs().get("name"));
  }

  @Test
  void aSwitchMayBeTurnedOff() {
    var plan = planned("build", "--no-cache=false", "--pull", ".");
    assertFalse(plan.attrs().containsKey("no-cache"));
    assertEquals("pull", plan.attrs().get("image-resolve-mode"));
  }

  @Test
  void theEngineIsChosenByFlagAndEnvironment() {
    env.put("JBUILD_HOST", "unix:///from/env.sock");
    env.put("JBUILD_ROOT", "state");
    run("build", ".");
    run("build", "--addr", "tcp://127.0.0.1:1234", ".");
    env.remove("JBUILD_HOST");
    run("build", ".");
    run("--root=/other", "build", ".");
    assertEquals(new Engines.Daemon("unix:///from/env.sock", null), engine.opened.get(0));
    assertEquals(new Engines.Daemon("tcp://127.0.0.1:1234", null), engine.opened.get(1));
    var here = assertInstanceOf(Engines.InProcess.class, engine.opened.get(2));
    assertEquals(work.resolve("state"), here.root());
    var other = assertInstanceOf(Engines.InProcess.class, engine.opened.get(3));
    assertEquals(Path.of("/other"), other.root());
    assertEquals(4, engine.closed);
  }

  @Test
  void anAddressOfAnotherKindIsRefused() {
    usage(
        "--addr: want unix://PATH or tcp://HOST:PORT, got 'ssh://x'",
        "build",
        "--addr=ssh://x",
        ".");
  }

  @Test
  void aBuildThatKeepsNothingSaysSo() {
    ends(
        0,
        "",
        firstLine() + "note: the result is only in the cache; keep it with -t NAME or -o DIR\n",
        "build",
        ".");
  }

  @Test
  void quietPrintsOnlyTheId() {
    engine.response.put("containerimage.digest", "sha256:manifest");
    engine.response.put("containerimage.config.digest", "sha256:config");
    ends(0, "sha256:config\n", "", "build", "-q", ".");
  }

  @Test
  void filesGetTheIdAndTheMetadata() throws IOException {
    engine.response.put("containerimage.config.digest", "sha256:config");
    String object = "{\"size\": 3}";
    engine.response.put(
        "containerimage.descriptor",
        Base64.getEncoder().encodeToString(object.getBytes(StandardCharsets.UTF_8)));
    assertEquals(0, run("build", "--iidfile", "id", "--metadata-file", "meta", "-t", "a", "."));
    assertEquals("sha256:config", Files.readString(work.resolve("id")));
    String metadata = Files.readString(work.resolve("meta")).replaceAll("\\s", "");
    assertEquals(
        "{\"containerimage.config.digest\":\"sha256:config\","
            + "\"containerimage.descriptor\":{\"size\":3}}",
        metadata);
  }

  @Test
  void anArchiveDoesNotGoToATerminal() {
    terminal = true;
    usage(
        "--output: an archive is not written to a terminal; redirect it or give dest=FILE",
        "build",
        "-o",
        "-",
        ".");
  }

  @Test
  void anArchiveGoesToStandardOutputAlone() {
    engine.archive = "bytes";
    engine.response.put("containerimage.config.digest", "sha256:config");
    ends(0, "bytes", "", "build", "-q", "-o", "type=oci", ".");
  }

  @Test
  void aFailedStepIsExplained() {
    engine.events.add(new BuildEvent.StepState("sha256:d", "[2/2] RUN x", false, START, null, ""));
    engine.events.add(new BuildEvent.Output("sha256:d", START, 2, "oops\n"));
    engine.events.add(
        new BuildEvent.StepState("sha256:d", "[2/2] RUN x", false, START, START, "exit code: 3"));
    engine.failure =
        new BuildException(
            Code.STEP_FAILED,
            "process \"x\" did not complete successfully: exit code: 3",
            null,
            List.of(
                new Detail.ProcessExit(3),
                new Detail.FailedVertex("sha256:d", "[2/2] RUN x"),
                new Detail.Source(
                    "Dockerfile",
                    "FROM scratch\nRUN x\n",
                    "Dockerfile",
                    List.of(new Detail.Lines(2, 0, 2, 0)))));
    ends(
        3,
        "",
        firstLine()
            + """
            #1 [2/2] RUN x
            #1 0.000 oops
            #1 ERROR: exit code: 3
            ------
            failed step: [2/2] RUN x
            exit code: 3
            last output:
              oops
            ------
            Dockerfile:2
               1 | FROM scratch
               2 | RUN x
                 | ^^^^^
            ------
            error: process "x" did not complete successfully: exit code: 3
            """,
        "build",
        ".");
    assertEquals(1, engine.closed);
  }

  @Test
  void aRefusalNamesGrantSideAndRemedy() {
    engine.failure =
        new BuildException(
            Code.PERMISSION_DENIED,
            "not granted",
            null,
            List.of(
                new Detail.MissingGrant("network.host", Detail.Side.REQUEST, "build with --allow"),
                new Detail.FailedVertex("sha256:d", "RUN x")));
    ends(
        ExitCode.PERMISSION_DENIED,
        "",
        firstLine()
            + """
            ------
            refused step: RUN x
            ------
            missing grant: network.host, not given by the request
              to give it: build with --allow
            error: not granted
            """,
        "build",
        ".");
  }

  @Test
  void warningsComeAtTheEnd() {
    engine.events.add(new BuildEvent.Warning("d", "Rule: text", List.of(), "", "Dockerfile:1"));
    ends(0, "", firstLine() + "warning: Dockerfile:1: Rule: text\n", "build", "-t", "a", ".");
  }

  @Test
  void aCancelledBuildClosesItsEngine() {
    engine.whileBuilding = cancellation::cancel;
    ends(ExitCode.CANCELLED, "", firstLine() + "error: cancelled\n", "build", ".");
    assertEquals(1, engine.closed);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aBugIsCalledOne() {
    engine.bug = new IllegalStateException("boom");
    assertEquals(ExitCode.INTERNAL, run("build", "."));
    assertTrue(
        err.toString(StandardCharsets.UTF_8)
            .contains("error: internal: this is a bug in jbuild: "));
  }

  @Test
  void imagesAreATable() {
    engine.stored.add(FakeEngine.image("docker.io/library/app:v1", 'a', 90, 2_130_000));
    engine.stored.add(FakeEngine.image("localhost:5000/x/y:latest", 'b', 3 * 86_400, 31));
    ends(
        0,
        """
        REPOSITORY              TAG      IMAGE ID       CREATED        SIZE
        docker.io/library/app   v1       aaaaaaaaaaaa   1 minute ago   2.13MB
        localhost:5000/x/y      latest   bbbbbbbbbbbb   3 days ago     31B
        """,
        "",
        "images");
  }

  @Test
  void imagesMayBeIdsOnly() {
    engine.stored.add(FakeEngine.image("app:v1", 'a', 90, 1));
    ends(0, "sha256:" + "a".repeat(64) + "\n", "", "images", "-q", "--no-trunc");
  }
}
