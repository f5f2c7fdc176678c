package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Builds for machines that this one is not. */
@Tag("root")
class PlatformIT {
  private static Lab lab;
  private static String machine;

  @BeforeAll
  static void open() throws IOException {
    lab = Lab.open();
    machine = Platform.host().toString();
  }

  @AfterAll
  static void close() throws IOException {
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  @Test
  void severalPlatformsGiveAnIndex() throws IOException {
    Path context =
        lab.context(
            "several",
            """
            FROM --platform=$BUILDPLATFORM base AS made
            ARG TARGETARCH
            RUN echo $TARGETARCH > /arch
            FROM scratch
            COPY --from=made /arch /arch
            """);
    lab.build(
            context,
            "--platform=" + machine + ",linux/s390x",
            "--output=type=oci,dest=several,tar=false")
        .succeeds();
    Path layout = lab.directory().resolve("several");
    String index = Files.readString(layout.resolve("index.json"));
    String digest = index.replaceFirst("(?s).*?\"sha256:([0-9a-f]{64})\".*", "$1");
    String inner = Files.readString(layout.resolve("blobs/sha256").resolve(digest));
    assertTrue(inner.contains("\"s390x\""), inner);
    assertTrue(inner.contains("\"" + Platform.host().architecture() + "\""), inner);
  }

  @Test
  void filesThatNoPlatformMakesAreDeletedWithTheGrant() throws IOException {
    Path context = lab.context("replaced", "FROM scratch\nCOPY Dockerfile /made\n");
    Path out = Files.createDirectories(lab.directory().resolve("replaced-out"));
    Files.writeString(out.resolve("stale"), "stale");
    String output = "--output=type=local,dest=replaced-out,mode=delete";
    String platforms = "--platform=" + machine + ",linux/s390x";
    assertEquals(
        "error: --output: mode=delete deletes all that is in 'replaced-out' and not in the result:"
            + " allow that with --allow buildx.local.delete",
        lab.build(context, output, platforms).error());
    assertTrue(Files.exists(out.resolve("stale")));
    lab.build(context, output, platforms, "--allow=buildx.local.delete").succeeds();
    assertTrue(Files.isRegularFile(out.resolve("linux_s390x/made")));
    assertTrue(Files.isRegularFile(out.resolve(machine.replace('/', '_')).resolve("made")));
    try (var there = Files.list(out)) {
      assertEquals(2, there.count());
    }
  }

  @Test
  void aStepForAnotherMachineSaysWhatToInstall() throws IOException {
    Assumptions.assumeTrue(
        !Files.exists(Path.of("/proc/sys/fs/binfmt_misc/qemu-s390x")),
        "skipped: this machine runs programs for s390x");
    Path context = lab.context("other", "FROM scratch\nCOPY Dockerfile /\nRUN [\"/bin/true\"]\n");
    Lab.Run run = lab.build(context, "--platform=linux/s390x");
    assertEquals(
        "error: Dockerfile:3: '[2/2] RUN [\"/bin/true\"]': this step runs programs for linux/s390x and the machine is "
            + machine
            + ": install qemu-user-static with binfmt-support, or run the image"
            + " tonistiigi/binfmt, so that /proc/sys/fs/binfmt_misc has an interpreter for it with"
            + " flag F",
        run.error());
  }

  @Test
  void aBuildWithoutStepsNeedsNoEmulation() throws IOException {
    Path context = lab.context("nosteps", "FROM scratch\nCOPY Dockerfile /\n");
    lab.build(context, "--platform=linux/s390x").succeeds();
  }
}
