package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build says, and what it leaves in files. */
class BuildReportTest {
  private final CliRig cli;

  BuildReportTest(@TempDir Path work) throws IOException {
    cli = CliRig.withDockerfile(work);
  }

  private static String firstLine() {
    return "#0 jbuild: Dockerfile in this process, state in /var/lib/jbuild\n";
  }

  @Test
  void aBuildThatKeepsNothingSaysSo() {
    cli.ends(
        0,
        "",
        firstLine() + "note: the result is only in the cache; keep it with -t NAME or -o DIR\n",
        "build",
        ".");
  }

  @Test
  void quietPrintsOnlyTheId() {
    cli.engine.response.put("containerimage.digest", "sha256:manifest");
    cli.engine.response.put("containerimage.config.digest", "sha256:config");
    cli.ends(0, "sha256:config\n", "", "build", "-q", ".");
  }

  @Test
  void filesGetTheIdAndTheMetadata() throws IOException {
    cli.engine.response.put("containerimage.config.digest", "sha256:config");
    String object = "{\"size\": 3}";
    cli.engine.response.put(
        "containerimage.descriptor",
        Base64.getEncoder().encodeToString(object.getBytes(StandardCharsets.UTF_8)));
    assertEquals(0, cli.run("build", "--iidfile", "id", "--metadata-file", "meta", "-t", "a", "."));
    assertEquals("sha256:config", Files.readString(cli.work.resolve("id")));
    String metadata = Files.readString(cli.work.resolve("meta")).replaceAll("\\s", "");
    assertEquals(
        "{\"containerimage.config.digest\":\"sha256:config\","
            + "\"containerimage.descriptor\":{\"size\":3}}",
        metadata);
  }

  @Test
  void anArchiveDoesNotGoToATerminal() {
    cli.showOnTerminal();
    cli.usage(
        "--output: an archive is not written to a terminal; redirect it or give dest=FILE",
        "build",
        "-o",
        "-",
        ".");
  }

  @Test
  void anArchiveGoesToStandardOutputAlone() {
    cli.engine.archive = "bytes";
    cli.engine.response.put("containerimage.config.digest", "sha256:config");
    cli.ends(0, "bytes", "", "build", "-q", "-o", "type=oci", ".");
  }

  @Test
  void aFailedStepIsExplained() {
    cli.engine.events.add(
        new BuildEvent.StepState("sha256:d", "[2/2] RUN x", false, CliRig.START, null, ""));
    cli.engine.events.add(new BuildEvent.Output("sha256:d", CliRig.START, 2, "oops\n"));
    cli.engine.events.add(
        new BuildEvent.StepState(
            "sha256:d", "[2/2] RUN x", false, CliRig.START, CliRig.START, "exit code: 3"));
    cli.engine.failure =
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
    cli.ends(
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
    assertEquals(1, cli.engine.closed);
  }

  @Test
  void aRefusalNamesGrantSideAndRemedy() {
    cli.engine.failure =
        new BuildException(
            Code.PERMISSION_DENIED,
            "not granted",
            null,
            List.of(
                new Detail.MissingGrant("network.host", Detail.Side.REQUEST, "build with --allow"),
                new Detail.FailedVertex("sha256:d", "RUN x")));
    cli.ends(
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
    cli.engine.events.add(new BuildEvent.Warning("d", "Rule: text", List.of(), "", "Dockerfile:1"));
    cli.ends(0, "", firstLine() + "warning: Dockerfile:1: Rule: text\n", "build", "-t", "a", ".");
  }

  @Test
  void aCancelledBuildClosesItsEngine() {
    cli.engine.whileBuilding = cli.cancellation::cancel;
    cli.ends(ExitCode.CANCELLED, "", firstLine() + "error: cancelled\n", "build", ".");
    assertEquals(1, cli.engine.closed);
    assertFalse(Thread.currentThread().isInterrupted());
  }

  @Test
  void aBugIsCalledOne() {
    cli.engine.bug = new IllegalStateException("boom");
    assertEquals(ExitCode.INTERNAL, cli.run("build", "."));
    assertTrue(cli.err().contains("error: internal: this is a bug in jbuild: "));
  }
}
