package dev.jbuild.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmulationTest {
  private static final Platform ARM64 = new Platform("linux", "arm64", "");
  private static final String INSTALL =
      "install qemu-user-static with binfmt-support, or run the image tonistiigi/binfmt, so that"
          + " /proc/sys/fs/binfmt_misc has an interpreter for it with flag F";

  @TempDir private Path directory;

  private void register(String state, String flags) throws IOException {
    Files.writeString(
        directory.resolve("qemu-aarch64"),
        state
            + "\ninterpreter /usr/bin/qemu-aarch64-static\nflags: "
            + flags
            + "\noffset 0\nmagic 7f454c460201010000000000000000000200b700\n"
            + "mask ffffffffffffff00fffffffffffffffffeffffff\n");
  }

  private @Nullable String missing(Platform platform) {
    return new Emulation(directory).missing(platform);
  }

  @Test
  void anInterpreterThatTheKernelHoldsOpenIsEnough() throws IOException {
    register("enabled", "POCF");
    assertNull(missing(ARM64));
    assertEquals(INSTALL, missing(new Platform("linux", "riscv64", "")));
  }

  @Test
  void anInterpreterThatIsOpenedLaterIsNot() throws IOException {
    register("enabled", "OC");
    assertEquals(
        "'qemu-aarch64' in binfmt_misc is registered without flag F, so that it is not found in a"
            + " sandbox: "
            + INSTALL,
        missing(ARM64));
  }

  @Test
  void aDisabledOneIsNone() throws IOException {
    register("disabled", "F");
    assertEquals(INSTALL, missing(ARM64));
  }

  @Test
  void aKernelWithoutTheListHasNone() throws IOException {
    Files.delete(directory);
    assertEquals(INSTALL, missing(ARM64));
    Files.createDirectory(directory);
  }

  @Test
  void otherSystemsAreNotEmulated() {
    assertEquals("nothing emulates that", missing(new Platform("windows", "amd64", "")));
  }
}
