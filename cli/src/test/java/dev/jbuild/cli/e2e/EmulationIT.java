package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A step whose program is for another machine, run by an interpreter that the kernel knows. */
@Tag("root")
class EmulationIT {
  private static final Path BINFMT = Path.of("/proc/sys/fs/binfmt_misc");
  private static final String NAME = "jbuild-test-aarch64";
  private static final String MAGIC =
      "\\x7fELF\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00";
  private static final String MASK =
      "\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff";

  /**
   * A program of aarch64 in 206 bytes: header, one segment, and eight instructions that write a
   * line and exit. Source: ELF-64 object file format; Arm architecture, A64.
   */
  private static final String PROGRAM =
      "7f454c460201010000000000000000000200b70001000000780040000000000040000000000000000000000000"
          + "00000000000000400038000100000000000000010000000500000000000000000000000000400000000000"
          + "0000400000000000b300000000000000b3000000000000000000010000000000200080d2e1000010620380"
          + "d2080880d2010000d4000080d2a80b80d2010000d468656c6c6f2066726f6d20616e6f74686572206d6163"
          + "68696e650a";

  private static Lab lab;
  private static boolean mounted;
  private static boolean registered;

  @BeforeAll
  static void open() throws Exception {
    assumeFalse(
        Platform.host().architecture().equals("arm64"), "skipped: this machine is an aarch64");
    Path qemu = Commands.assumed("qemu-aarch64-static");
    lab = Lab.open();
    if (!Files.exists(BINFMT.resolve("register"))) {
      assumeTrue(
          Files.readString(Path.of("/proc/filesystems")).contains("binfmt_misc"),
          "skipped: this kernel has no binfmt_misc");
      Commands.exec("mount", "-t", "binfmt_misc", "none", BINFMT.toString());
      mounted = true;
    }
    if (!Files.exists(BINFMT.resolve("qemu-aarch64"))) {
      String line = ":" + NAME + ":M::" + MAGIC + ":" + MASK + ":" + qemu + ":F";
      Files.writeString(BINFMT.resolve("register"), line);
      registered = true;
    }
  }

  /** Leaves the machine as it was. */
  @AfterAll
  static void close() throws Exception {
    if (registered) {
      Files.writeString(BINFMT.resolve(NAME), "-1");
    }
    if (mounted) {
      Commands.exec("umount", BINFMT.toString());
    }
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  @Test
  void aProgramOfAnotherMachineRuns() throws IOException {
    Path context =
        lab.context("arm64", "FROM scratch\nCOPY --chmod=755 hello /hello\nRUN [\"/hello\"]\n");
    Files.write(context.resolve("hello"), HexFormat.of().parseHex(PROGRAM));
    Lab.Run run = lab.build(context, "--platform=linux/arm64");
    assertTrue(run.succeeds().err().contains(" hello from another machine\n"), run.err());
  }
}
