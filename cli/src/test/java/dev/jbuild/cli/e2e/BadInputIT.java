package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is wrong is told once and clearly, and the state directory stays good. */
@Tag("root")
class BadInputIT {
  private static final String HELP = "\nsee 'jbuild build --help'\n";
  private static Lab lab;
  private static int good;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  @AfterEach
  void aGoodBuildWorksAfterwards() throws IOException {
    Path context = lab.context("good", "FROM base\nCOPY a /\nRUN echo good " + good + "\n");
    Files.writeString(context.resolve("a"), Integer.toString(good++));
    lab.build(context).succeeds();
  }

  /** One error line, the last one, and nothing that only a developer understands. */
  private static String error(Lab.Run run, int exit) {
    assertEquals(exit, run.exit(), run.err());
    assertFalse(run.err().contains("\tat "), run.err());
    assertFalse(run.err().contains("Exception"), run.err());
    assertFalse(run.err().contains(": null"), run.err());
    assertEquals(
        1, run.err().lines().filter(line -> line.startsWith("error: ")).count(), run.err());
    return run.error();
  }

  private static Lab.Run built(String dockerfile) throws IOException {
    return lab.build(lab.context("bad", dockerfile));
  }

  @Test
  void anUnknownInstructionNamesTheNearestOne() throws IOException {
    Lab.Run run = built("FROM base\nRUM true\n");
    assertEquals(
        "error: Dockerfile:2: unknown instruction 'RUM', did you mean 'RUN'?", error(run, 65));
    assertTrue(
        run.err()
            .contains(
                """
                Dockerfile:2
                   1 | FROM base
                   2 | RUM true
                     | ^^^
                """),
        run.err());
  }

  @Test
  void aMistypedFlagNamesTheNearestOne() throws IOException {
    Lab.Run run = built("FROM base\nRUN --mout=type=cache,target=/x true\n");
    assertEquals(
        "error: Dockerfile:2: unknown flag '--mout' for RUN, did you mean '--mount'?",
        error(run, 65));
  }

  @Test
  void aMissingFileNamesTheNearestOne() throws IOException {
    Path context = lab.context("missing", "FROM base\nCOPY src/helo.txt /\n");
    Files.writeString(Files.createDirectories(context.resolve("src")).resolve("hello.txt"), "");
    assertEquals(
        "error: \"/src/helo.txt\" not found in the build context, did you mean"
            + " \"/src/hello.txt\"?",
        error(lab.build(context), 66));
  }

  @Test
  void aFileThatIsIgnoredIsNotOffered() throws IOException {
    Path context = lab.context("ignoring", "FROM base\nCOPY secret.txt /\n");
    Files.writeString(context.resolve(".dockerignore"), "secret*\n");
    Files.writeString(context.resolve("secret.txt"), "");
    Files.writeString(context.resolve("secrets.txt"), "");
    assertEquals(
        "error: \"/secret.txt\" not found in the build context; it may be left out by the ignore"
            + " file",
        error(lab.build(context), 66));
  }

  @Test
  void aMissingFileOfAStageNamesTheNearestOne() throws IOException {
    Lab.Run run = built("FROM base AS one\nFROM base\nCOPY --from=one /bin/busybx /\n");
    String error = error(run, 66);
    assertTrue(error.contains("\"/bin/busybx\" not found in "), error);
    assertTrue(error.contains("did you mean \"/bin/busybox\"?"), error);
  }

  private static Path archive(String name, String script) throws Exception {
    Path context = lab.context(name, "FROM base\nADD a.tar /target/\nRUN ls -lR /target\n");
    Path files = Files.createDirectories(context.resolve("files"));
    Commands.exec("sh", "-c", "cd " + files + " && " + script);
    return context;
  }

  @Test
  void anArchiveWithNamesThatLeadOutIsRefused() throws Exception {
    Path context =
        archive("out", "echo x >x && tar -cPf ../a.tar --transform=s,x,../../escaped, x");
    assertEquals(
        "error: unpack /a.tar of the build context: tar entry '../../escaped':"
            + " '../../escaped' leads out of the directory",
        error(lab.build(context), 65));
  }

  @Test
  void anArchivesAbsoluteNamesAndLinksStayInTheTarget() throws Exception {
    Path context =
        archive(
            "links",
            "mkdir d && echo evil >d/passwd && ln -s /etc link"
                + " && tar -cPf ../a.tar --transform='flags=r;s,^d/,link/,' link d/passwd");
    Files.writeString(
        context.resolve("Dockerfile"),
        """
        FROM base
        RUN mkdir -p /etc && echo good >/etc/passwd
        ADD a.tar /target/
        RUN echo passwd: $(cat /etc/passwd)
        """);
    Lab.Run run = lab.build(context);
    assertFalse(Files.readString(Path.of("/etc/passwd")).contains("evil"));
    assertFalse(run.err().contains("passwd: evil"), run.err());
    if (run.exit() != 0) {
      error(run, 65);
    }
  }

  @Test
  void aCutOffArchiveIsRefused() throws Exception {
    Path context = archive("cut", "cp /bin/busybox . && tar -czf ../all.tar busybox");
    byte[] all = Files.readAllBytes(context.resolve("all.tar"));
    Files.write(context.resolve("a.tar"), Arrays.copyOf(all, all.length / 2));
    assertEquals(
        "error: unpack /a.tar of the build context: compressed stream: it is cut off",
        error(lab.build(context), 65));
  }

  @Test
  void aDamagedArchiveIsRefused() throws Exception {
    Path context = archive("damaged", "cp /bin/busybox . && tar -czf ../all.tar busybox");
    byte[] all = Files.readAllBytes(context.resolve("all.tar"));
    Arrays.fill(all, all.length / 2, all.length / 2 + 2000, (byte) 0x5a);
    Files.write(context.resolve("a.tar"), all);
    String error = error(lab.build(context), 65);
    String start = "error: unpack /a.tar of the build context: compressed stream: ";
    assertTrue(error.startsWith(start), error);
  }

  private static Lab.Run fromRegistry(LyingRegistry.Lie lie) throws Exception {
    Path layout = lab.directory().resolve("layout-" + lie);
    Path context = lab.context("exported", "FROM base\nCOPY big /\n");
    Commands.exec("dd", "if=/dev/urandom", "of=" + context.resolve("big"), "bs=1k", "count=900");
    lab.build(context, "-o", "type=oci,tar=false,dest=" + layout).succeeds();
    String index = Files.readString(layout.resolve("index.json"));
    int at = index.indexOf("sha256:");
    try (var registry = new LyingRegistry(layout, lie)) {
      String digest = index.substring(at, at + 71);
      String from = "FROM " + registry.host() + "/some/image@" + digest + "\n";
      Lab copy = Lab.empty();
      try (copy) {
        Lab.Run run = copy.build(copy.context("pull", from + "RUN echo pulled\n"));
        assertTrue(run.exit() == 0 || !run.err().contains("#0 pulled"), run.err());
        Path usable = copy.context("usable", "FROM scratch\nCOPY Dockerfile /\n");
        copy.build(usable).succeeds();
        return run;
      }
    }
  }

  @Test
  void anHonestRegistryIsBelieved() throws Exception {
    fromRegistry(LyingRegistry.Lie.NONE).succeeds();
  }

  @Test
  void aRegistryThatCutsABlobOffIsNamed() throws Exception {
    String error = error(fromRegistry(LyingRegistry.Lie.TRUNCATED), 69);
    assertTrue(error.contains("127.0.0.1:"), error);
  }

  @Test
  void aRegistryThatSendsOtherBytesIsNamed() throws Exception {
    String error = error(fromRegistry(LyingRegistry.Lie.OTHER_BYTES), 72);
    assertTrue(error.contains("127.0.0.1:"), error);
  }

  @Test
  void aRegistryThatIsDownIsNamed() throws Exception {
    String error = error(built("FROM 127.0.0.1:9/some/image\nRUN true\n"), 69);
    assertTrue(error.startsWith("error: Dockerfile:1: "), error);
    assertTrue(error.contains("127.0.0.1:9"), error);
  }

  @Test
  void anImageThatIsNowhereIsNamed() throws Exception {
    Lab.Run run = built("FROM localhost:9/nosuch\n");
    assertTrue(error(run, 69).contains("localhost:9"), run.err());
    assertTrue(run.err().contains("   1 | FROM localhost:9/nosuch\n"), run.err());
  }

  @Test
  void aFailedStepShowsItsEndAndGivesItsExitCode() throws Exception {
    Lab.Run run = built("FROM base\nRUN true\nRUN echo the last words; exit 7\n");
    assertEquals(
        "error: process \"/bin/sh -c echo the last words; exit 7\" did not complete successfully:"
            + " exit code: 7",
        error(run, 7));
    assertTrue(
        run.err()
            .contains(
                """
                ------
                failed step: [3/3] RUN echo the last words; exit 7
                exit code: 7
                last output:
                  the last words
                ------
                Dockerfile:3
                   2 | RUN true
                   3 | RUN echo the last words; exit 7
                     | ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
                ------
                """),
        run.err());
  }

  @Test
  void aFullDiskIsTold() throws Exception {
    Commands.assumed("mkfs.ext4");
    Path image = lab.directory().resolve("disk");
    Path disk = Files.createDirectories(lab.directory().resolve("mounted"));
    Commands.exec("truncate", "-s", "24M", image.toString());
    Commands.exec("mkfs.ext4", "-q", image.toString());
    Commands.exec("mount", "-o", "loop", image.toString(), disk.toString());
    try {
      Path context = lab.context("big", "FROM scratch\nCOPY big /\n");
      Commands.exec("dd", "if=/dev/zero", "of=" + context.resolve("big"), "bs=1M", "count=30");
      String root = disk.resolve("root").toString();
      String error =
          error(lab.run("", "--root", root, "build", "--progress=plain", context.toString()), 73);
      assertTrue(error.contains(": no space left on device, "), error);
      assertTrue(error.contains("choose another directory with --root"), error);
      Files.writeString(context.resolve("big"), "small");
      lab.run("", "--root", root, "build", "--progress=plain", context.toString()).succeeds();
    } finally {
      Commands.exec("umount", disk.toString());
    }
  }

  @Test
  void aDirectoryThatADaemonHasIsNotWaitedFor() throws Exception {
    Process daemon = lab.startDaemon();
    try {
      assertEquals(
          "error: state directory '"
              + lab.root()
              + "' is in use by the daemon of process "
              + daemon.pid()
              + " at "
              + lab.address()
              + "; build through it with --addr "
              + lab.address()
              + ", or choose another state directory with --root",
          error(built("FROM base\n"), 69));
    } finally {
      Lab.end(daemon);
    }
  }

  @Test
  void aStateDirectoryThatCanNotBeMadeIsNamed() throws Exception {
    String context = lab.context("bad", "FROM base\n").toString();
    assertEquals(
        "error: state directory '/proc/nope' can not be used: '/proc/nope' can not be made;"
            + " choose another with --root",
        error(lab.run("", Map.of("JBUILD_ROOT", "/proc/nope"), "build", context), 71));
    Path file = Files.writeString(lab.directory().resolve("file"), "");
    assertEquals(
        "error: state directory '"
            + file
            + "' can not be used: '"
            + file
            + "' is not a directory; choose another with --root",
        error(lab.run("", "--root", file.toString(), "build", context), 71));
  }

  @Test
  void aMissingDockerfileIsNamed() throws Exception {
    Lab.Run run = lab.build(lab.context("bad", "FROM base\n"), "-f", "nope");
    assertEquals("error: Dockerfile 'nope': no such file", error(run, 66));
  }

  @Test
  void anUnknownKindOfProgressIsAUsageError() throws Exception {
    Lab.Run run = lab.build(lab.context("bad", "FROM base\n"), "--progress=plan");
    assertEquals(64, run.exit());
    assertEquals(
        "error: --progress: unknown kind 'plan', did you mean 'plain'?;"
            + " known are auto, plain, tty, quiet"
            + HELP,
        run.err());
  }

  @Test
  void anUnknownNetworkIsAUsageError() throws Exception {
    Lab.Run run = lab.build(lab.context("bad", "FROM base\n"), "--network=foo");
    assertEquals(64, run.exit());
    assertEquals(
        "error: --network: 'foo' would be a network by name, and networks by name are not offered"
            + " yet; use default, bridge, host or none"
            + HELP,
        run.err());
  }
}
