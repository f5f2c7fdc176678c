package dev.jbuild.network.meter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HookIdsTest {
  private static final List<String> NAMES = List.of("vfs_read", "no_such_function_");

  @TempDir private Path directory;

  private Path file() {
    return directory.resolve("kernel-hooks");
  }

  private static String boot() throws IOException {
    return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
  }

  @Test
  void keptIdsAreUsedWithoutTheKernelsDescription() throws IOException {
    Files.writeString(file(), boot() + "\nvfs_read=12\nno_such_function_=0\n");
    assertEquals(List.of(12, 0), new HookIds(directory.resolve("missing"), file()).of(NAMES));
  }

  @Test
  void idsOfAnotherStartOrBrokenOnesAreFoundAnew() throws IOException {
    Assumptions.assumeTrue(
        Files.isReadable(SecurityPrograms.TYPES), "this kernel does not describe its types");
    for (String text :
        List.of(
            "other\nvfs_read=12\nno_such_function_=0\n",
            boot() + "\nvfs_read=x\nno_such_function_=0\n",
            boot() + "\nvfs_read=1\n",
            "")) {
      Files.writeString(file(), text);
      var found = new HookIds(SecurityPrograms.TYPES, file()).of(NAMES);
      assertTrue(found.getFirst() > 12, found::toString);
      assertEquals(
          boot() + "\nvfs_read=" + found.getFirst() + "\nno_such_function_=0\n",
          Files.readString(file()));
    }
  }

  @Test
  void otherFileIsNoDescription() throws IOException {
    var other = Files.writeString(directory.resolve("other"), "x".repeat(100));
    var hooks = new HookIds(other, file());
    assertEquals(
        other + ": kernel types: want the mark eb9f at the start",
        assertThrows(IOException.class, () -> hooks.of(NAMES)).getMessage());
  }
}
