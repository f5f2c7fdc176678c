package dev.jbuild.process.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The first bytes of an ELF program. Source: elf(5). */
final class ProgramHeader {
  private static final int BYTES = 20;
  private static final int MAGIC = 0x464c457f;
  private static final int OFFSET_ORDER = 5;
  private static final int OFFSET_MACHINE = 18;

  private ProgramHeader() {}

  /** Architecture the program is built for, empty when it is no ELF file. */
  static Optional<String> machine(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    byte[] start;
    try (var in = Files.newInputStream(file)) {
      start = in.readNBytes(BYTES);
    }
    var header = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN);
    if (start.length < BYTES || header.getInt(0) != MAGIC) {
      return Optional.empty();
    }
    header.order(start[OFFSET_ORDER] == 2 ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    int number = header.getShort(OFFSET_MACHINE) & 0xffff;
    return Optional.of(
        switch (number) {
          case 3 -> "386";
          case 21 -> "ppc64";
          case 22 -> "s390x";
          case 40 -> "arm";
          case 62 -> "amd64";
          case 183 -> "arm64";
          case 243 -> "riscv64";
          case 258 -> "loong64";
          default -> "ELF machine " + number;
        });
  }

  /** This machine, with the field's name. */
  static String ownMachine() {
    String machine = System.getProperty("os.arch", "");
    return machine.equals("aarch64") ? "arm64" : machine;
  }
}
