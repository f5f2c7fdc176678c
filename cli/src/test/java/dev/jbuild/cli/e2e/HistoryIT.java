package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Records of real builds, read by jbuild and by the real docker buildx. */
@Tag("root")
@Timeout(300)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HistoryIT {
  private static final String FAILING =
      """
      FROM base
      RUN echo before
      RUN echo broken >&2; exit 3
      """;
  private static final Pattern REF = Pattern.compile("(?m)^([a-z0-9]{25})$");

  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  private String refs(String... flags) {
    var args = new ArrayList<>(List.of(flags));
    args.addAll(List.of("history", "ls", "-q"));
    return host.jbuild(args.toArray(String[]::new)).succeeded().out();
  }

  /** A daemon's own answer waits for records that are being written; others' does not. */
  private String newest(String... flags) {
    var found = REF.matcher(refs(flags));
    assertTrue(found.find());
    return found.group(1);
  }

  @Test
  void aBuildOfThisProcessTellsWhyItsStepsRan() throws IOException {
    host.build("FROM base\nRUN echo why-a\n").succeeded();
    String first = host.jbuild("history", "inspect").succeeded().out();
    assertTrue(first.contains("RUN echo why-a\n    ran, "), first);
    assertTrue(first.contains("    why: miss: "), first);
    assertTrue(first.contains("    network: sandbox, no socket beyond its own loopback"), first);
    host.build("FROM base\nRUN echo why-a\n").succeeded();
    String second = host.jbuild("history", "inspect", "^0").succeeded().out();
    assertTrue(second.contains("RUN echo why-a\n    cached, "), second);
    assertTrue(second.contains("    why: hit: "), second);
  }

  @Test
  void aFailedBuildIsAPageWithItsPlaceInTheDockerfile() throws IOException {
    host.build(FAILING).endedWith(3);
    Path page = host.work().resolve("failed.html");
    host.jbuild("history", "open", "-o", page.toString(), newest()).succeeded();
    String html = Files.readString(page);
    assertTrue(html.contains("   3 | RUN echo broken &gt;&amp;2; exit 3\n     | ^^^^^"), html);
    assertTrue(html.contains("Exit code <strong>3</strong>"), html);
  }

  @Test
  void aKilledDaemonHasWhatItHadToldAndReplaysIt() throws Exception {
    String before;
    String logs;
    try (DaemonProcess daemon = DaemonProcess.over(host)) {
      String address = daemon.address();
      remote(address, "FROM base\nRUN echo told-$((6*7)); sleep 0.1\n").succeeded();
      before = refs("--addr", address);
      logs = host.jbuild("--addr", address, "history", "logs").succeeded().out();
      Commands.exec("kill", "-9", Long.toString(daemon.processId()));
      assertTrue(daemon.process().waitFor(20, TimeUnit.SECONDS));
    }
    assertTrue(logs.contains("told-42"), logs);
    try (DaemonProcess daemon = DaemonProcess.over(host)) {
      assertEquals(before, refs("--addr", daemon.address()));
      assertEquals(
          logs, host.jbuild("--addr", daemon.address(), "history", "logs").succeeded().out());
    }
    assertEquals(logs, host.jbuild("history", "logs").succeeded().out());
  }

  private Outcome remote(String address, String dockerfile) {
    return host.jbuild(dockerfile, Map.of(), "--addr", address, "build", "--progress=plain", "-");
  }

  @Test
  void aRecordIsPinnedAndRemovedBesideADaemon() throws Exception {
    try (DaemonProcess daemon = DaemonProcess.over(host)) {
      String address = daemon.address();
      remote(address, "FROM base\nRUN echo pinned\n").succeeded();
      String ref = newest("--addr", address);
      host.jbuild("--addr", address, "history", "pin", ref).succeeded();
      assertTrue(host.jbuild("history", "inspect", ref).succeeded().out().contains(" (pinned)"));
      host.jbuild("history", "rm", ref.substring(0, 12)).succeeded();
      assertEquals(66, host.jbuild("--addr", address, "history", "inspect", ref).code());
    }
  }

  /** Only where the real client is installed. */
  @Test
  void dockerBuildxListsInspectsPrintsAndRemoves() throws Exception {
    var buildx = new Buildx(host.work().resolve("docker"));
    try (DaemonProcess daemon = DaemonProcess.over(host)) {
      assertEquals(3, remote(daemon.address(), FAILING).code());
      String ref = newest("--addr", daemon.address());
      buildx.use(daemon.address());
      String listed = buildx.run("history", "ls", "--no-trunc");
      assertTrue(Pattern.compile(ref + " .*Error").matcher(listed).find(), listed);
      assertTrue(buildx.run("history", "ls", "--filter", "status=error").contains(ref));
      String inspected = buildx.run("history", "inspect", ref);
      assertTrue(inspected.contains(">>> RUN echo broken >&2; exit 3"), inspected);
      assertTrue(inspected.contains("> broken"), inspected);
      String printed = buildx.run("history", "logs", ref);
      assertTrue(printed.contains("broken"), printed);
      assertTrue(printed.contains("ERROR: process \"/bin/sh -c echo broken"), printed);
      Path bundle = host.work().resolve("x.dockerbuild");
      buildx.run("history", "export", "-o", bundle.toString(), ref);
      assertTrue(Files.size(bundle) > 500);
      buildx.run("history", "rm", ref);
      assertTrue(!refs("--addr", daemon.address()).contains(ref));
    }
  }
}
