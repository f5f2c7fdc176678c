package dev.jbuild.linux.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

final class KernelTypesTest {
  private static final int HEADER = 24;

  /** A number, a structure with two members, a prototype and two functions. */
  private static byte[] sample() {
    byte[] strings = "\0int\0first_hook\0second\0".getBytes(StandardCharsets.US_ASCII);
    var types = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    types.putInt(1).putInt(1 << 24).putInt(4).putInt(32); // id 1
    types.putInt(0).putInt(4 << 24 | 2).putInt(8).put(new byte[24]); // id 2
    types.putInt(0).putInt(13 << 24 | 1).putInt(1).put(new byte[8]); // id 3
    types.putInt(5).putInt(12 << 24).putInt(3); // id 4
    types.putInt(16).putInt(12 << 24).putInt(3); // id 5
    types.flip();
    var all = ByteBuffer.allocate(HEADER + types.limit() + strings.length);
    all.order(ByteOrder.LITTLE_ENDIAN);
    all.putShort((short) 0xeb9f).put((byte) 1).put((byte) 0).putInt(HEADER);
    all.putInt(0).putInt(types.limit()).putInt(types.limit()).putInt(strings.length);
    all.put(types).put(strings);
    return all.array();
  }

  @Test
  void functionsAreFoundByTheirNames() {
    assertEquals(
        List.of(5, 4, 0, 0),
        KernelTypes.functions(sample(), List.of("second", "first_hook", "missing", "first")));
  }

  @Test
  void nameOfAnotherKindIsNoFunction() {
    assertEquals(List.of(0), KernelTypes.functions(sample(), List.of("int")));
  }

  @Test
  void otherFileIsRefused() {
    assertEquals(
        "kernel types: want the mark eb9f at the start",
        assertThrows(
                IllegalArgumentException.class,
                () -> KernelTypes.functions(new byte[100], List.of("x")))
            .getMessage());
  }

  @Test
  void brokenDescriptionsEndWithAnAnswerOrARefusal() {
    var random = new Random(7);
    for (int round = 0; round < 20_000; round++) {
      byte[] broken = sample();
      int changes = 1 + random.nextInt(6);
      for (int i = 0; i < changes; i++) {
        broken[4 + random.nextInt(broken.length - 4)] = (byte) random.nextInt();
      }
      try {
        assertEquals(1, KernelTypes.functions(broken, List.of("second")).size());
      } catch (IllegalArgumentException refused) {
        assertTrue(String.valueOf(refused.getMessage()).startsWith("kernel types: "));
      }
    }
  }

  @Test
  void runningKernelsFunctionsAreFound() throws Exception {
    var path = Path.of("/sys/kernel/btf/vmlinux");
    Assumptions.assumeTrue(Files.isReadable(path), "this kernel does not describe its types");
    var ids = KernelTypes.functions(Files.readAllBytes(path), List.of("vfs_read", "no_such_fn_"));
    assertTrue(ids.getFirst() > 0, ids::toString);
    assertEquals(0, ids.getLast());
  }
}
