package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The unmodified {@code docker buildx} builds with {@code jbuildd}, over a Unix socket. */
@Tag("root")
class BuildxIT {
  @TempDir static Path work;
  private static BuildHost host;
  private static DaemonProcess daemon;
  private static BuildxClient buildx;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work);
    daemon = DaemonProcess.over(host, "--allow-insecure-entitlement=network.host");
    buildx = BuildxClient.at(work, daemon.address());
  }

  @AfterAll
  static void close() {
    if (daemon != null) { // null when this machine can not build
      daemon.close();
    }
  }

  private static Path greeting() throws Exception {
    return host.context(
        """
        FROM base
        ARG WHO=nobody
        RUN echo hello $WHO > /greeting && cat /greeting
        """);
  }

  @Test
  void inspectTellsVersionAndPlatform() throws Exception {
    String said = buildx.run("inspect", "--bootstrap", "jb").succeeded().out();
    assertTrue(said.contains("Status:           running"), said);
    assertTrue(said.contains("BuildKit version: v0."), said);
    assertTrue(said.contains("Platforms:        linux/"), said);
    assertTrue(said.contains("GC Policy rule#0:"), said);
  }

  @Test
  void theBuilderIsListedAsRunning() throws Exception {
    String said = buildx.run("ls").out();
    assertTrue(said.lines().anyMatch(l -> l.contains("unix://") && l.contains("running")), said);
  }

  @Test
  void buildArgumentsReachTheSteps() throws Exception {
    String said = buildx.build(greeting(), "--build-arg=WHO=buildx").succeeded().err();
    assertTrue(said.contains(" hello buildx\n"), said);
  }

  @Test
  void aNameIsTakenWithoutAnOutput() throws Exception {
    buildx.build(greeting(), "-t", "example/named:1").succeeded();
  }

  @Test
  void filesComeToADirectory() throws Exception {
    Path out = work.resolve("local-out");
    buildx.build(greeting(), "--output=type=local,dest=" + out).succeeded();
    assertEquals("hello nobody\n", Files.readString(out.resolve("greeting")));
    assertTrue(Files.isRegularFile(out.resolve("bin/busybox")));
    assertTrue(Files.isSymbolicLink(out.resolve("bin/sh")));
  }

  @Test
  void filesComeAsATarball() throws Exception {
    Path tar = work.resolve("out.tar");
    buildx.build(greeting(), "--output=type=tar,dest=" + tar).succeeded();
    assertEquals("hello nobody\n", Commands.exec("tar", "-xOf", tar.toString(), "greeting"));
  }

  @Test
  void anImageComesAsAnOciArchive() throws Exception {
    Path tar = work.resolve("oci.tar");
    buildx.build(greeting(), "-t", "example/oci:1", "--output=type=oci,dest=" + tar).succeeded();
    Path skopeo = Commands.assumed("skopeo");
    String config = Commands.exec(skopeo.toString(), "inspect", "--config", "oci-archive:" + tar);
    assertTrue(config.contains("hello $WHO"), config);
  }

  @Test
  void anImageComesAsADockerArchive() throws Exception {
    Path tar = work.resolve("docker.tar");
    buildx
        .build(greeting(), "-t", "example/docker:1", "--output=type=docker,dest=" + tar)
        .succeeded();
    String manifest = Commands.exec("tar", "-xOf", tar.toString(), "manifest.json");
    assertTrue(manifest.contains("example/docker:1"), manifest);
  }

  @Test
  void aSecretReachesItsStepOnly() throws Exception {
    Path context =
        host.context(
            """
            FROM base
            RUN --mount=type=secret,id=s test "$(cat /run/secrets/s)" = 'well kept' && echo same
            RUN test ! -e /run/secrets/s
            """);
    Path secret = Files.writeString(work.resolve("secret"), "well kept");
    String said = buildx.build(context, "--secret=id=s,src=" + secret).succeeded().err();
    assertTrue(said.contains(" same\n"), said);
  }

  @Test
  void anAgentAnswersAStep() throws Exception {
    try (SshAgent agent = SshAgent.at(work.resolve("agent.sock"))) {
      Path context =
          host.context("FROM base\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK && echo there\n");
      String said = buildx.build(context, "--ssh=default=" + agent.socket()).succeeded().err();
      assertTrue(said.contains(" there\n"), said);
    }
  }

  @Test
  void anotherContextIsCopiedFrom() throws Exception {
    Path extra = Files.createDirectories(work.resolve("extra"));
    Files.writeString(extra.resolve("file"), "from the other context\n");
    Path context = host.context("FROM base\nCOPY --from=other file /f\nRUN cat /f\n");
    String said = buildx.build(context, "--build-context=other=" + extra).succeeded().err();
    assertTrue(said.contains(" from the other context\n"), said);
  }

  @Test
  void hostNetworkIsTheHosts() throws Exception {
    Path context = host.context("FROM base\nRUN readlink /proc/self/ns/net\n");
    String own = Files.readSymbolicLink(Path.of("/proc/self/ns/net")).toString();
    String said =
        buildx
            .build(context, "--no-cache", "--network=host", "--allow=network.host")
            .succeeded()
            .err();
    assertTrue(said.contains(own), said);
    String isolated = buildx.build(context, "--no-cache").succeeded().err();
    assertFalse(isolated.contains(own), isolated);
  }

  @Test
  void hostNetworkOfAStepWithoutGrantIsRefusedWithItsPlace() throws Exception {
    Path context = host.context("FROM base\nRUN --network=host true\n");
    Outcome outcome = buildx.build(context);
    assertNotEquals(0, outcome.code());
    assertTrue(outcome.err().contains("network.host"), outcome.err());
    assertTrue(outcome.err().contains("   2 | >>> RUN --network=host true"), outcome.err());
  }

  @Test
  void checkPrintsRemarksWithTheirPlace() throws Exception {
    Path clean = greeting();
    String fine = buildx.build(clean, "--check").succeeded().out();
    assertTrue(fine.contains("Check complete, no warnings found."), fine);
    Path context = host.context("from base\nRUN true\n");
    Outcome outcome = buildx.build(context, "--check");
    assertEquals(1, outcome.code());
    assertTrue(outcome.out().contains("WARNING: ConsistentInstructionCasing"), outcome.out());
    assertTrue(outcome.out().contains("   1 | >>> from base"), outcome.out());
  }

  @Test
  void outlineNamesTheArguments() throws Exception {
    String said = buildx.build(greeting(), "--call=outline").succeeded().out();
    assertTrue(said.lines().anyMatch(line -> line.matches("WHO +nobody +")), said);
  }

  @Test
  void anUnknownQuestionIsNamed() throws Exception {
    Outcome outcome = buildx.build(greeting(), "--call=nonsense");
    assertNotEquals(0, outcome.code());
    assertTrue(outcome.err().contains("nonsense"), outcome.err());
  }

  @Test
  void warningsOfABuildAreSummedUp() throws Exception {
    String said = buildx.build(host.context("from base\nRUN true\n")).succeeded().err();
    assertTrue(said.contains("1 warning found"), said);
    assertTrue(said.contains("ConsistentInstructionCasing: 'from' should be 'FROM'"), said);
  }

  @Test
  void metadataIsWritten() throws Exception {
    Path file = work.resolve("metadata.json");
    Path tar = work.resolve("metadata.tar");
    buildx
        .build(
            greeting(),
            "-t",
            "example/meta:1",
            "--output=type=oci,dest=" + tar,
            "--metadata-file=" + file)
        .succeeded();
    String json = Files.readString(file);
    for (String key :
        List.of("buildx.build.ref", "containerimage.digest", "containerimage.descriptor")) {
      assertTrue(json.contains("\"" + key + "\""), json);
    }
  }

  @Test
  void rawProgressIsJsonLineByLine() throws Exception {
    Path context = greeting();
    String said =
        buildx
            .run("build", "--builder=jb", "--progress=rawjson", context.toString())
            .succeeded()
            .err();
    List<String> lines = said.lines().filter(line -> line.startsWith("{")).toList();
    assertTrue(lines.stream().anyMatch(line -> line.startsWith("{\"vertexes\":")), said);
    assertTrue(said.contains("[2/2] RUN echo hello nobody"), said);
  }

  @Test
  void aFailingStepIsShownInItsFile() throws Exception {
    Path context = host.context("FROM base\nRUN true\nRUN echo before; exit 7\n");
    Outcome outcome = buildx.build(context);
    assertEquals(1, outcome.code());
    String said = outcome.err();
    assertTrue(
        said.contains(
            """
            Dockerfile:3
            --------------------
               1 |     FROM base
               2 |     RUN true
               3 | >>> RUN echo before; exit 7
            """),
        said);
    assertTrue(
        said.contains(
            "failed to solve: process \"/bin/sh -c echo before; exit 7\" did not complete"
                + " successfully: exit code: 7"),
        said);
  }

  @Test
  void aMistakeInTheFileIsShownInItsFile() throws Exception {
    Outcome outcome = buildx.build(host.context("FROM base\nRUN --mout=type=cache true\n"));
    assertEquals(1, outcome.code());
    assertTrue(outcome.err().contains("   2 | >>> RUN --mout=type=cache true"), outcome.err());
    assertTrue(outcome.err().contains("failed to solve: Dockerfile:2: "), outcome.err());
  }

  @Test
  void aMissingFileOfAnotherStageNamesTheStage() throws Exception {
    Path context =
        host.context("FROM base AS tools\nRUN true\nFROM base\nCOPY --from=tools /none /x\n");
    Outcome outcome = buildx.build(context);
    assertEquals(1, outcome.code());
    assertTrue(
        outcome.err().contains("\"/none\" not found in '[tools 2/2] RUN true'"), outcome.err());
    assertTrue(outcome.err().contains("   4 | >>> COPY --from=tools /none /x"), outcome.err());
  }

  @Test
  void anInterruptEndsTheBuildAndItsProcesses() throws Exception {
    Path context = host.context("FROM base\nRUN echo begun; exec sleep 98765\n");
    var args = new String[] {"build", "--builder=jb", "--progress=plain", context.toString()};
    Process process = buildx.start(args);
    Commands.await(
        "the step runs", Duration.ofSeconds(60), () -> buildx.said().contains(" begun\n"));
    assertTrue(sleeps());
    Commands.exec("kill", "-INT", Long.toString(process.pid()));
    Outcome outcome = buildx.end(process, args);
    assertNotEquals(0, outcome.code());
    Commands.await("the step's process is gone", Duration.ofSeconds(30), () -> !sleeps());
    buildx.build(greeting()).succeeded();
  }

  private static boolean sleeps() {
    return ProcessHandle.allProcesses()
        .anyMatch(
            each -> each.info().commandLine().orElse("").replace('\0', ' ').contains("98765"));
  }

  @Test
  void whatIsPrunedIsMadeAgain() throws Exception {
    Path context = host.context("FROM base\nRUN echo made > /made\n");
    buildx.build(context).succeeded();
    assertTrue(buildx.build(context).err().contains("CACHED"));
    String before = buildx.on("du", "--verbose").succeeded().out();
    assertTrue(before.contains("[2/2] RUN echo made > /made"), before);

    String gone = buildx.on("prune", "--force").succeeded().out();

    assertTrue(gone.lines().anyMatch(line -> line.startsWith("Total:")), gone);
    String after = buildx.on("du", "--verbose").succeeded().out();
    assertFalse(after.contains("[2/2] RUN echo made > /made"), after);
    Path out = work.resolve("after-prune");
    String again = buildx.build(context, "--output=" + out).succeeded().err();
    assertTrue(again.matches("(?s).*RUN echo made > /made\n#[0-9]+ DONE .*"), again);
    assertEquals("made\n", Files.readString(out.resolve("made")));
  }

  @Test
  void whatFitsIntoTheSpaceIsKept() throws Exception {
    buildx.build(host.context("FROM base\nRUN echo fits > /fits\n")).succeeded();

    buildx.on("prune", "--force", "--max-used-space=500gb", "--min-free-space=1mb").succeeded();

    String after = buildx.on("du", "--verbose").succeeded().out();
    assertTrue(after.contains("[2/2] RUN echo fits > /fits"), after);
    buildx.on("prune", "--force", "--max-used-space=1b").succeeded();
    assertFalse(buildx.on("du", "--verbose").succeeded().out().contains("echo fits"));
  }

  @Test
  void aFilterPrunesOneKindOnly() throws Exception {
    Path context =
        host.context("FROM base\nRUN --mount=type=cache,target=/c,id=kept echo x > /c/x\n");
    buildx.build(context).succeeded();
    buildx.on("prune", "--force", "--filter=type=source.local").succeeded();
    var types = new TreeSet<String>();
    buildx
        .on("du", "--verbose")
        .succeeded()
        .out()
        .lines()
        .filter(line -> line.startsWith("Type:"))
        .forEach(line -> types.add(line.substring(5).strip()));
    assertFalse(types.contains("source.local"), types.toString());
    assertTrue(types.contains("exec.cachemount"), types.toString());
  }
}
