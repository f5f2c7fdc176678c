package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jbuild} as the client of BuildKit's own daemon. Images come to it by OCI layouts. */
@Tag("root")
@Timeout(300)
class BuildkitIT {
  @TempDir static Path work;
  private static BuildHost host;
  private static BuildkitDaemon buildkit;
  private static String base;

  @BeforeAll
  static void open() throws Exception {
    host = BuildHost.withBase(work.resolve("host"));
    buildkit = BuildkitDaemon.at(Files.createDirectory(work.resolve("buildkit")));
    Path layout = work.resolve("layout");
    host.build("FROM base\n", "--output=type=oci,tar=false,name=base:1,dest=" + layout).succeeded();
    base = "--build-context=base=oci-layout://" + layout + ":1";
  }

  @AfterAll
  static void close() throws Exception {
    if (buildkit != null) { // null when this machine can not run it
      buildkit.close();
    }
  }

  private static Outcome jbuild(String... args) {
    return given("", args);
  }

  private static Outcome given(String in, String... args) {
    return host.jbuild(in, Map.of("JBUILD_HOST", buildkit.address()), args);
  }

  private static Outcome build(Path context, String... flags) {
    var args = new ArrayList<String>(List.of("build", "--progress=plain", base));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return jbuild(args.toArray(String[]::new));
  }

  private static Outcome build(String dockerfile, String... flags) throws Exception {
    return build(host.context(dockerfile), flags);
  }

  @Test
  void filesGoThereAndComeBack() throws Exception {
    Path context =
        host.context("FROM base\nCOPY . /in/\nRUN cp /in/sub/file /out && echo 'it ran'\n");
    Files.createDirectory(context.resolve("sub"));
    Files.writeString(context.resolve("sub/file"), "to and fro");
    Files.writeString(context.resolve(".dockerignore"), "*.log\n");
    Files.writeString(context.resolve("left.log"), "out");
    Path out = work.resolve("files");
    Outcome outcome = build(context, "--output=type=local,dest=" + out).succeeded();
    assertTrue(outcome.err().contains(" it ran\n"), outcome.err());
    assertEquals("to and fro", Files.readString(out.resolve("out")));
    assertTrue(Files.isSymbolicLink(out.resolve("bin/sh")), "the base came by its layout");
    assertFalse(Files.exists(out.resolve("in/left.log")));
  }

  @Test
  void largeFilesAndManyFilesGoThere() throws Exception {
    Path context =
        host.context("FROM base\nCOPY . /in/\nRUN find /in -type f | wc -l && wc -c < /in/large\n");
    for (int i = 0; i < 2000; i++) {
      Files.writeString(context.resolve("file" + i), "file " + i);
    }
    Files.write(context.resolve("large"), new byte[20_000_000]);
    String said = build(context).succeeded().err();
    assertTrue(said.contains(" 2002\n") && said.contains(" 20000000\n"), said);
    String again = build(context).succeeded().err();
    assertTrue(again.contains(" CACHED\n"), again);
    assertEquals(
        1, again.lines().filter(line -> line.endsWith("] load build context")).count(), again);
  }

  @Test
  void imagesComeAsArchivesAndLayouts() throws Exception {
    String dockerfile = "FROM base\nENV A=b\nRUN echo made > /made\n";
    Path oci = work.resolve("image.tar");
    build(dockerfile, "--output=type=oci,dest=" + oci).succeeded();
    Path docker = work.resolve("docker.tar");
    build(dockerfile, "--output=type=docker,name=made:1,dest=" + docker).succeeded();
    Path layout = work.resolve("made");
    build(dockerfile, "--output=type=oci,tar=false,name=made:1,dest=" + layout).succeeded();
    String skopeo = Commands.assumed("skopeo").toString();
    for (String image :
        List.of("oci-archive:" + oci, "docker-archive:" + docker, "oci:" + layout)) {
      String config = Commands.exec(skopeo, "inspect", "--config", image);
      assertTrue(config.contains("\"A=b\""), image + ": " + config);
    }
  }

  @Test
  void namedImageIsFoundThereByItsShortName() throws Exception {
    Path id = work.resolve("id");
    build("FROM base\nRUN echo kept > /kept\n", "-t", "kept:1", "--iidfile=" + id).succeeded();
    assertTrue(Files.readString(id).startsWith("sha256:"), Files.readString(id));
    Path out = work.resolve("kept");
    build("FROM kept:1\n", "--output=" + out).succeeded();
    assertEquals("kept\n", Files.readString(out.resolve("kept")));
  }

  @Test
  void secretsAndAgentsAreServed() throws Exception {
    Path secret = Files.writeString(work.resolve("secret"), "well kept");
    String said =
        build(
                "FROM base\nRUN --mount=type=secret,id=s echo \"it is $(cat /run/secrets/s)\"\n",
                "--secret=id=s,src=" + secret)
            .succeeded()
            .err();
    assertTrue(said.contains(" it is well kept\n"), said);
    try (SshAgent agent = SshAgent.at(work.resolve("agent.sock"))) {
      build(
              "FROM base\nRUN --mount=type=ssh test -S $SSH_AUTH_SOCK\n",
              "--ssh=default=" + agent.socket())
          .succeeded();
    }
  }

  @Test
  void textsOnStandardInputAreBuilt() throws Exception {
    Path out = work.resolve("from-text");
    given(
            "FROM scratch\nCOPY --from=base /bin/busybox /it\n",
            "build",
            base,
            "--output=" + out,
            "-")
        .succeeded();
    assertTrue(Files.isRegularFile(out.resolve("it")));
  }

  @Test
  void hostNetworkWantsItsGrant() throws Exception {
    String dockerfile = "FROM base\nRUN --network=host ip -o link\n";
    assertEquals(
        "failed to load LLB: network.host is not allowed", build(dockerfile).endedWith(71).error());
    String said = build(dockerfile, "--allow=network.host").succeeded().err();
    assertTrue(said.contains("docker0"), said);
    said = build("FROM base\nRUN ip -o link show\n", "--network=host").succeeded().err();
    assertTrue(said.contains("docker0"), said);
    said = build("FROM base\nRUN ip -o link\n", "--network=none").succeeded().err();
    assertFalse(said.contains("eth0"), said);
  }

  /** It would let steps reach everything. */
  @Test
  void rulesThatItDoesNotKnowAreRefused() throws Exception {
    String dockerfile = "FROM base\nRUN true\n";
    for (String flag : List.of("--egress=deny=*", "--dns=192.0.2.1")) {
      assertEquals(
          "--egress, --dns: the daemon at '"
              + buildkit.address()
              + "' would not heed them: it is older than this jbuild, or not a jbuildd",
          build(dockerfile, flag).endedWith(76).error());
    }
  }

  @Test
  void failedStepIsShownWithItsLine() throws Exception {
    Outcome outcome = build("FROM base\nRUN echo no; exit 3\n").endedWith(3);
    assertTrue(
        outcome
            .err()
            .contains(
                """
                Dockerfile:2
                   1 | FROM base
                   2 | RUN echo no; exit 3
                     | ^^^^^^^^^^^^^^^^^^^
                """),
        outcome.err());
    assertEquals(
        "process \"/bin/sh -c echo no; exit 3\" did not complete successfully: exit code: 3",
        outcome.error());
  }

  @Test
  void frontendAnswersWhatItIsAsked() throws Exception {
    String dockerfile = "ARG WHO=me\nFROM base as one\nARG WHO\nRUN exit 3\n";
    Outcome check = build(dockerfile, "--check").endedWith(1);
    assertTrue(check.out().contains("FromAsCasing"), check.out());
    assertTrue(build(dockerfile, "--call=outline").succeeded().out().contains("WHO"));
    String targets = build(dockerfile, "--call=targets,format=json").succeeded().out();
    assertTrue(targets.contains("\"name\": \"one\""), targets);
    Outcome failed = build("FROM base\nRUM x\n", "--call=outline").endedWith(71);
    assertTrue(failed.error().contains("unknown instruction: RUM"), failed.err());
  }

  @Test
  void itsCacheAndHistoryAreListedAndRemoved() throws Exception {
    build("FROM base\nRUN echo for the record\n").succeeded();
    assertTrue(jbuild("du").succeeded().out().contains("Total:"));
    String listed = jbuild("history", "ls").succeeded().out();
    assertTrue(listed.contains("Completed"), listed);
    String id = listed.lines().skip(1).findFirst().orElseThrow().split(" ", 2)[0];
    String log = jbuild("history", "logs", id).succeeded().out();
    assertFalse(log.isEmpty(), "it has a log");
    jbuild("history", "rm", id).succeeded();
    assertFalse(jbuild("history", "ls").succeeded().out().contains(id));
    jbuild("prune", "--all").succeeded();
  }

  @Test
  void metadataOfTheResultIsWritten() throws Exception {
    Path file = work.resolve("metadata.json");
    Path tar = work.resolve("with-metadata.tar");
    build("FROM base\n", "--metadata-file=" + file, "--output=type=oci,dest=" + tar).succeeded();
    String metadata = Files.readString(file, StandardCharsets.UTF_8);
    assertTrue(metadata.contains("\"containerimage.digest\": \"sha256:"), metadata);
  }
}
