package dev.jbuild.mount;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("root")
final class MounterTest {
  private static final long CAP_SYS_ADMIN = 1L << 21;

  private final Kernel kernel = new LibcKernel();
  private final Mounter mounter = new Mounter(kernel);
  private final Path source;
  private final Path target;

  MounterTest(@TempDir Path root) throws IOException {
    source = Files.createDirectory(root.resolve("source"));
    target = Files.createDirectory(root.resolve("target"));
    Files.writeString(source.resolve("f"), "1");
  }

  @BeforeEach
  void needsRoot() throws IOException {
    Assumptions.assumeTrue(
        (kernel.effectiveCapabilities() & CAP_SYS_ADMIN) != 0, "mounting needs CAP_SYS_ADMIN");
  }

  @Test
  void readOnlyBindCannotBeWritten() throws IOException {
    mounter.mount(List.of(Mount.bind(source.toString(), true)), target);
    try {
      assertEquals("1", Files.readString(target.resolve("f")));
      var e =
          assertThrows(
              FileSystemException.class, () -> Files.writeString(target.resolve("g"), "2"));
      assertEquals("Read-only file system", e.getReason());
    } finally {
      mounter.unmount(target);
    }
    assertFalse(Files.exists(target.resolve("f")));
  }

  @Test
  void busyMountIsDetached() throws IOException {
    mounter.mount(List.of(new Mount("tmpfs", "tmpfs", List.of("size=1m"))), target);
    Files.writeString(target.resolve("open"), "1");
    try (var held = Files.newInputStream(target.resolve("open"))) {
      mounter.unmount(target);
      assertFalse(Files.exists(target.resolve("open")));
      assertEquals('1', held.read());
    }
  }

  @Test
  void failureLeavesNoMountBehind() throws IOException {
    var missing = Mount.bind(source.resolve("missing").toString(), false);
    assertThrows(
        IOException.class,
        () -> mounter.mount(List.of(Mount.bind(source.toString(), false), missing), target));
    assertFalse(Files.exists(target.resolve("f")));
    assertTrue(Files.exists(source.resolve("f")));
  }

  @Test
  void optionsOfTheFileSystemItselfArePassedOn() {
    assertEquals(
        new MountOptions(2 | 4, 0x40000 | 0x4000, "size=1m,mode=755"),
        MountOptions.parse(
            List.of("ro", "nosuid", "nodev", "rw", "size=1m", "mode=755", "rprivate")));
  }
}
