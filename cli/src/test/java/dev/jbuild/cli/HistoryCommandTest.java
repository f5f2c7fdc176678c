package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.progress.BuildEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryCommandTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  private final FakeEngine engine = new FakeEngine();
  private final CliRig cli;

  HistoryCommandTest(@TempDir Path work) {
    cli = new CliRig(engine, work);
  }

  @BeforeEach
  void builds() {
    engine.history.builds.add(FakeHistory.build("abc2", "new", NOW.minusSeconds(61)));
    engine.history.builds.add(FakeHistory.build("abc1", "mid", NOW.minusSeconds(7_200)));
    engine.history.builds.add(FakeHistory.build("xyz0", "old", NOW.minusSeconds(200_000)));
  }

  @Test
  void lsIsATableThatBeginsWithTheLastBuild() {
    cli.ends(
        0,
        """
        BUILD ID   NAME   STATUS      STEPS           CREATED        DURATION
        abc2       new    Completed   5/5, 3 cached   1 minute ago   2.0s
        abc1       mid    Completed   5/5, 3 cached   2 hours ago    2.0s
        xyz0       old    Completed   5/5, 3 cached   2 days ago     2.0s
        """,
        "",
        "history",
        "ls");
    assertEquals(List.of("close"), engine.history.asked);
  }

  @Test
  void lsTellsProgramsOneObjectALine() {
    assertEquals(0, cli.run("history", "ls", "--format", "json"));
    assertEquals(
        "{\"ref\":\"abc2\",\"name\":\"new\",\"status\":\"Completed\","
            + "\"created_at\":\"2025-12-31T23:58:59Z\",\"completed_at\":\"2025-12-31T23:59:01Z\","
            + "\"total_steps\":5,\"completed_steps\":5,\"cached_steps\":3,\"warnings_count\":0,"
            + "\"pinned\":false}",
        cli.out().lines().findFirst().orElseThrow());
  }

  @Test
  void lsFiltersByStatus() {
    cli.ends(0, "", "", "history", "ls", "-q", "--filter", "status=error");
    cli.ends(0, "abc2\nabc1\nxyz0\n", "", "history", "ls", "-q", "--filter", "status=completed");
  }

  @Test
  void anUnknownFilterIsAMistake() {
    cli.ends(
        ExitCode.USAGE,
        "",
        "error: --filter: want one of status=running, status=completed, status=error,"
            + " status=canceled, got 'color=red'\nsee 'jbuild history ls --help'\n",
        "history",
        "ls",
        "--filter",
        "color=red");
  }

  @Test
  void aBuildIsNamedByItsBeginningOrItsPlace() {
    assertEquals(0, cli.run("history", "logs"));
    assertEquals(0, cli.run("history", "logs", "x"));
    assertEquals(0, cli.run("history", "logs", "^1"));
    assertEquals(0, cli.run("history", "logs", "builder/node/abc1"));
    engine.history.asked.removeIf("close"::equals);
    assertEquals(
        List.of("replay abc2", "replay xyz0", "replay abc1", "replay abc1"), engine.history.asked);
  }

  @Test
  void aBeginningOfSeveralIsRefused() {
    cli.ends(
        ExitCode.INVALID,
        "",
        "error: ref 'abc' is the beginning of 2: abc2, abc1\n",
        "history",
        "inspect",
        "abc");
  }

  @Test
  void aBuildThatIsNotThereIsNamed() {
    cli.ends(
        ExitCode.NOT_FOUND,
        "",
        "error: no build record of ref 'q'; 'jbuild history ls' shows those there are\n",
        "history",
        "inspect",
        "q");
    cli.forget();
    cli.ends(
        ExitCode.NOT_FOUND,
        "",
        "error: '^3': the build history has 3 builds\n",
        "history",
        "inspect",
        "^3");
  }

  @Test
  void rmLooksAllUpBeforeTheFirstGoes() {
    cli.ends(0, "abc2\nabc1\n", "", "history", "rm", "^0", "^1");
    assertEquals(List.of("delete abc2", "delete abc1", "close"), engine.history.asked);
  }

  @Test
  void rmWantsToBeToldWhat() {
    cli.ends(
        ExitCode.USAGE,
        "",
        "error: no build given; name its ref, or --all\nsee 'jbuild history rm --help'\n",
        "history",
        "rm");
    assertEquals(List.of(), engine.opened);
  }

  @Test
  void pinAndUnpinAreTwoCommands() {
    assertEquals(0, cli.run("history", "pin", "abc1"));
    assertEquals(0, cli.run("history", "unpin", "abc1"));
    assertEquals(List.of("pin abc1", "close", "unpin abc1", "close"), engine.history.asked);
  }

  @Test
  void logsArePlainProgressOnStandardOutput() {
    engine.history.events.add(new BuildEvent.StepState("d", "[1/1] RUN x", false, NOW, null, ""));
    engine.history.events.add(new BuildEvent.Output("d", NOW.plusMillis(5), 1, "hello\n"));
    engine.history.events.add(
        new BuildEvent.StepState("d", "[1/1] RUN x", false, NOW, NOW.plusMillis(100), ""));
    cli.ends(0, "#1 [1/1] RUN x\n#1 0.005 hello\n#1 DONE 0.1s\n", "", "history", "logs");
  }

  @Test
  void openWritesThePageAndPrintsItsPath() throws IOException {
    Path page = cli.work.resolve("x.html");
    cli.ends(0, page + "\n", "", "history", "open", "-o", "x.html", "xyz0");
    assertTrue(Files.readString(page).contains("<h1>old</h1>"));
  }

  @Test
  void theAddressOfADaemonIsUsed() {
    assertEquals(0, cli.run("--addr", "unix:///s", "history", "ls"));
    assertEquals(0, cli.run("history", "--addr", "unix:///s", "ls"));
    assertEquals(
        List.of(new Engines.Daemon("unix:///s", null), new Engines.Daemon("unix:///s", null)),
        engine.opened);
  }

  @Test
  void aMistypedCommandIsGuessed() {
    cli.ends(
        ExitCode.USAGE,
        "",
        """
        error: unknown history command 'inspekt', did you mean 'inspect'?
        see 'jbuild history --help'
        """,
        "history",
        "inspekt");
  }

  @Test
  void helpNeedsNothing() {
    assertEquals(0, cli.run("history", "--help"));
    assertTrue(cli.out().contains("  inspect   show a build"));
    assertEquals(0, cli.run("history", "open", "--help"));
    assertTrue(cli.out().contains("--no-browser"));
    assertEquals(List.of(), engine.opened);
  }
}
