package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code docker buildx history} tells of builds by {@code jbuildd}. */
@Tag("root")
class BuildxHistoryIT {
  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient buildx;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work);
    daemon = DaemonProcess.over(host);
    buildx = BuildxClient.at(work, daemon.address());
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  /** The reference of the build that began last, as {@code history ls} has it. */
  private static String last() throws Exception {
    String said = buildx.on("history", "ls", "--no-trunc", "--format={{.Ref}}").succeeded().out();
    String ref = said.lines().findFirst().orElseThrow();
    return ref.substring(ref.lastIndexOf('/') + 1);
  }

  private static String inspected(String ref, String format) throws Exception {
    return buildx.on("history", "inspect", ref, "--format=" + format).succeeded().out().strip();
  }

  @Test
  void aBuildIsListedInspectedAndItsLogPrinted() throws Exception {
    buildx.build(host.context("FROM base\nRUN echo words of a step\n")).succeeded();
    String ref = last();

    String list = buildx.on("history", "ls").succeeded().out();
    assertTrue(list.contains("Completed"), list);
    String said = buildx.on("history", "logs", ref).succeeded().err();
    assertTrue(said.contains(" words of a step\n"), said);
    assertEquals(
        "completed 4 4", inspected(ref, "{{.Status}} {{.NumTotalSteps}} {{.NumCompletedSteps}}"));
  }

  @Test
  void aFailedBuildIsInspectedWithItsError() throws Exception {
    buildx.build(host.context("FROM base\nRUN echo last words; exit 7\n")).endedWith(1);
    String ref = last();

    String list = buildx.on("history", "ls").succeeded().out();
    assertTrue(list.contains("Error"), list);
    String details = buildx.on("history", "inspect", ref).succeeded().out();
    assertTrue(
        details.contains(
            """
            Dockerfile:2
            --------------------
               1 |     FROM base
               2 | >>> RUN echo last words; exit 7
               3 |     \n\
            --------------------

            Logs:
            > => [2/2] RUN echo last words; exit 7:
            > last words
            """),
        details);
    assertTrue(
        details.contains(
            "process \"/bin/sh -c echo last words; exit 7\" did not complete successfully:"
                + " exit code: 7\n"),
        details);
  }

  @Test
  void anInterruptedBuildIsListedAsSuch() throws Exception {
    Path context = host.context("FROM base\nRUN echo it waits; sleep 600\n");
    String[] args = {"build", "--builder", "jb", "--progress=plain", context.toString()};
    Process build = buildx.start(args);
    Commands.await(
        "the step runs", Duration.ofSeconds(60), () -> buildx.said().contains(" it waits\n"));
    Commands.exec("kill", "-INT", Long.toString(build.pid()));
    buildx.end(build, args);
    Commands.await(
        "the build is listed",
        Duration.ofSeconds(20),
        () -> !buildx.on("history", "ls").succeeded().out().contains("Running"));

    assertEquals("canceled", inspected(last(), "{{.Status}}"));
  }

  @Test
  void aRecordIsExportedThoughItsArchiveWasTakenAway() throws Exception {
    Path context = host.context("FROM base\nRUN echo taken away\n");
    buildx.build(context, "--output=type=oci,dest=" + work.resolve("taken.tar")).succeeded();
    Path bundle = work.resolve("record.dockerbuild");

    buildx.on("history", "export", last(), "--output=" + bundle).succeeded();

    assertTrue(Files.size(bundle) > 0);
  }

  @Test
  void aRemovedBuildIsGone() throws Exception {
    buildx.build(host.context("FROM base\nRUN echo to be removed\n")).succeeded();
    String ref = last();

    buildx.on("history", "rm", ref).succeeded();

    String list = buildx.on("history", "ls", "--no-trunc").succeeded().out();
    assertFalse(list.contains(ref), list);
    buildx.on("history", "logs", ref).endedWith(1);
  }
}
