package dev.jbuild.linux.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only root may do. */
@Tag("root")
final class LibcKernelRootTest {
  private static final long CAP_SYS_ADMIN = 1L << 21;

  private final Kernel kernel = new LibcKernel();

  @BeforeEach
  void needsRoot() throws IOException {
    Assumptions.assumeTrue(
        (kernel.effectiveCapabilities() & CAP_SYS_ADMIN) != 0, "mounting needs CAP_SYS_ADMIN");
  }

  @Test
  void ownerOfALinkLeavesItsTarget(@TempDir Path dir) throws IOException {
    var file = Files.createFile(dir.resolve("file"));
    var link = Files.createSymbolicLink(dir.resolve("link"), file);
    kernel.changeOwner(link, 12, 34);
    assertEquals(12, kernel.stat(link).uid());
    assertEquals(34, kernel.stat(link).gid());
    assertEquals(0, kernel.stat(file).uid());
  }

  @Test
  void devicesHaveTheirNumbers(@TempDir Path dir) throws IOException {
    var node = dir.resolve("node");
    kernel.makeNode(node, FileStat.BLOCK | 0640, 259, 70_000);
    var stat = kernel.stat(node);
    assertEquals(FileStat.BLOCK, stat.type());
    assertEquals(259, stat.deviceMajor());
    assertEquals(70_000, stat.deviceMinor());
    kernel.makeNode(dir.resolve("whiteout"), FileStat.CHARACTER, 0, 0);
    assertTrue(kernel.stat(dir.resolve("whiteout")).isWhiteout());
  }

  @Test
  void trustedAttributesAreListed(@TempDir Path dir) throws IOException {
    kernel.setAttribute(dir, "trusted.overlay.opaque", new byte[] {'y'});
    assertEquals(List.of("trusted.overlay.opaque"), List.copyOf(kernel.attributes(dir).keySet()));
  }

  @Test
  void manyLayersWithLongNamesAreOneMount(@TempDir Path dir) throws IOException {
    var lowers = new ArrayList<Path>();
    for (int i = 0; i < 130; i++) {
      String name = i == 3 ? "x".repeat(250) : i == 4 ? "a:b,c\\d" : "layer" + i;
      var layer = Files.createDirectory(dir.resolve(name));
      Files.writeString(layer.resolve("file" + i), "from " + i);
      Files.writeString(layer.resolve("same"), "from " + i);
      lowers.add(layer);
    }
    var upper = Files.createDirectory(dir.resolve("upper"));
    var work = Files.createDirectory(dir.resolve("work"));
    var target = Files.createDirectory(dir.resolve("target"));
    kernel.mountOverlay(lowers, upper, work, List.of("volatile", "redirect_dir=off"), target);
    try {
      assertEquals("from 0", Files.readString(target.resolve("same")));
      assertEquals("from 3", Files.readString(target.resolve("file3")));
      assertEquals("from 4", Files.readString(target.resolve("file4")));
      assertEquals("from 129", Files.readString(target.resolve("file129")));
      Files.delete(target.resolve("file129"));
    } finally {
      kernel.unmount(target, 0);
    }
    assertTrue(kernel.stat(upper.resolve("file129")).isWhiteout());
  }

  @Test
  void overlayWithoutUpperIsReadOnly(@TempDir Path dir) throws IOException {
    var one = Files.createDirectory(dir.resolve("one"));
    var two = Files.createDirectory(dir.resolve("two"));
    var target = Files.createDirectory(dir.resolve("target"));
    kernel.mountOverlay(List.of(one, two), null, null, List.of(), target);
    try {
      assertThrows(IOException.class, () -> Files.createFile(target.resolve("file")));
    } finally {
      kernel.unmount(target, Kernel.MNT_DETACH);
    }
  }

  @Test
  void overlayFailureNamesTheLayer(@TempDir Path dir) throws IOException {
    var one = Files.createDirectory(dir.resolve("one"));
    var target = Files.createDirectory(dir.resolve("target"));
    var missing = dir.resolve("missing");
    var failure =
        assertThrows(
            IOException.class,
            () -> kernel.mountOverlay(List.of(one, missing), null, null, List.of(), target));
    assertTrue(
        String.valueOf(failure.getMessage())
            .startsWith("mount overlay on " + target + ", lower " + missing),
        failure.getMessage());
  }

  @Test
  void mountPassesFlagsAndData(@TempDir Path dir) throws IOException {
    kernel.mount("tmpfs", dir, "tmpfs", 1, "size=64k,mode=0711");
    try {
      assertEquals(0711, kernel.stat(dir).permissions());
      assertThrows(IOException.class, () -> Files.createFile(dir.resolve("file")));
    } finally {
      kernel.unmount(dir, 0);
    }
  }
}
