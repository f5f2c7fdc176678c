package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What a client has reaches a daemon through its session, and what the daemon makes comes back. */
@Tag("root")
class SessionIT {
  private static Lab lab;
  private static Process daemon;

  @BeforeAll
  static void open() throws Exception {
    lab = Lab.open();
    Files.writeString(lab.directory().resolve("token"), "s3cret");
    daemon = lab.startDaemon();
  }

  @AfterAll
  static void close() throws Exception {
    if (daemon != null) {
      Lab.end(daemon);
    }
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  private static Lab.Run build(Path context, String... flags) throws IOException {
    var args = new ArrayList<>(List.of("--addr", lab.address(), "build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return lab.run("", args.toArray(String[]::new));
  }

  @Test
  void frontendAnswersWhatItIsAsked() throws Exception {
    Path context = lab.context("asked", "ARG WHO=me\nFROM base as one\nARG WHO\nRUN exit 3\n");
    assertTrue(build(context, "--call=outline").succeeds().out().contains("WHO"));
    assertTrue(
        build(context, "--call=targets", "--egress=deny=*").succeeds().out().contains("one"));
    Lab.Run check = build(context, "--check");
    assertEquals(1, check.exit(), check.err());
    assertTrue(check.out().contains("FromAsCasing"), check.out());
    Lab.Run failed = build(lab.context("asked-wrong", "FROM base\nRUM x\n"), "--call=outline");
    assertEquals(65, failed.exit(), failed.err());
    assertEquals(
        List.of(
            "Dockerfile:2",
            "   1 | FROM base",
            "   2 | RUM x",
            "     | ^^^",
            "------",
            "error: Dockerfile:2: unknown instruction 'RUM', did you mean 'RUN'?"),
        failed.said());
  }

  @Test
  void filesOfTheContextComeAsTheyAre() throws Exception {
    Path context = lab.context("files", "FROM scratch\nCOPY . /\n");
    Files.createDirectories(context.resolve("d/e"));
    Path file = Files.writeString(context.resolve("d/e/ä file"), "text");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x---"));
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2001-02-03T04:05:06.789Z")));
    Files.createSymbolicLink(context.resolve("link"), Path.of("d/e"));
    Files.write(context.resolve("big"), new byte[3_000_000]);
    Files.createFile(context.resolve("empty"));
    Files.writeString(context.resolve(".dockerignore"), "no*\nDockerfile\n.dockerignore\n");
    Files.writeString(context.resolve("not"), "");
    Path out = lab.directory().resolve("files-out");
    build(context, "--output=type=local,dest=" + out).succeeds();
    Path there = out.resolve("d/e/ä file");
    assertEquals("text", Files.readString(there));
    assertEquals("rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(there)));
    assertEquals(
        Instant.parse("2001-02-03T04:05:06.789Z"), Files.getLastModifiedTime(there).toInstant());
    assertEquals(Path.of("d/e"), Files.readSymbolicLink(out.resolve("link")));
    assertEquals(3_000_000, Files.size(out.resolve("big")));
    assertEquals(0, Files.size(out.resolve("empty")));
    assertFalse(Files.exists(out.resolve("not")));
    assertFalse(Files.exists(out.resolve("Dockerfile")));
  }

  @Test
  void filesThatAreNotInTheResultAreDeletedAtTheClient() throws Exception {
    Path context = lab.context("replaced", "FROM scratch\nCOPY Dockerfile /made\n");
    Path out = Files.createDirectories(lab.directory().resolve("replaced/out"));
    Files.createDirectories(out.resolve("stale/deep"));
    build(
            context,
            "--output=type=local,dest=" + out + ",mode=delete",
            "--allow=buildx.local.delete")
        .succeeds();
    try (var there = Files.list(out)) {
      assertEquals(List.of(out.resolve("made")), there.toList());
    }
  }

  @Test
  void unchangedContextIsNotSentAgain() throws Exception {
    Path context = lab.context("again", "FROM scratch\nCOPY big /\n");
    Path big = Files.write(context.resolve("big"), new byte[2_345_678]);
    // What was written just now may change within one tick of the clock, and is read again.
    Files.setLastModifiedTime(big, FileTime.from(Instant.parse("2001-02-03T04:05:06Z")));
    assertTrue(build(context).succeeds().err().contains("transferring context: 2.35MB"));
    Lab.Run second = build(context).succeeds();
    assertFalse(second.err().contains("2.35MB"), second.err());
    assertTrue(second.err().contains("CACHED"), second.err());
  }

  @Test
  void secretsReachTheStepAndNothingElse() throws Exception {
    Path context =
        lab.context(
            "secret", "FROM base\nRUN --mount=type=secret,id=t wc -c < /run/secrets/t > /size\n");
    Path out = lab.directory().resolve("secret-out");
    build(
            context,
            "--secret=id=t,src=" + lab.directory().resolve("token"),
            "--output=type=local,dest=" + out)
        .succeeds();
    assertEquals("6", Files.readString(out.resolve("size")).strip());
  }

  @Test
  void secretsThatAreNotGivenAreNamedAsWithoutADaemon() throws Exception {
    Path context =
        lab.context(
            "none", "FROM base\nRUN --mount=type=secret,id=t,required cat /run/secrets/t\n");
    Lab.Run run = build(context);
    assertTrue(run.err().contains("secret 't'"), run.err());
    assertTrue(run.exit() != 0);
  }

  @Test
  void tarFilesComeWhole() throws Exception {
    Path context = lab.context("tar", "FROM scratch\nCOPY Dockerfile /here\n");
    for (String type : List.of("tar", "oci", "docker")) {
      Path tar = lab.directory().resolve(type + ".tar");
      build(context, "--output=type=" + type + ",dest=" + tar).succeeds();
      String names = Commands.exec("tar", "-tf", tar.toString());
      String within =
          Map.of("tar", "here", "oci", "index.json", "docker", "manifest.json").get(type);
      assertTrue(names.contains(within), names);
    }
  }

  @Test
  void failedBuildsLeaveNoFile() throws Exception {
    Path context = lab.context("fail", "FROM base\nRUN false\n");
    Path tar = lab.directory().resolve("fail.tar");
    assertTrue(build(context, "--output=type=tar,dest=" + tar).exit() != 0);
    assertFalse(Files.exists(tar));
  }

  @Test
  void manySessionsAtOnceKeepApart() throws Exception {
    var threads = new ArrayList<Thread>();
    var runs = new ArrayList<Lab.Run>();
    for (int i = 0; i < 8; i++) {
      Path context = lab.context("many" + i, "FROM scratch\nCOPY own /\n");
      Files.writeString(context.resolve("own"), "number " + i);
      Path out = lab.directory().resolve("many-out" + i);
      threads.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Lab.Run run = build(context, "--output=type=local,dest=" + out);
                      synchronized (runs) {
                        runs.add(run);
                      }
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join(60_000);
    }
    assertEquals(8, runs.size());
    for (int i = 0; i < 8; i++) {
      assertEquals(
          "number " + i, Files.readString(lab.directory().resolve("many-out" + i).resolve("own")));
    }
  }
}
