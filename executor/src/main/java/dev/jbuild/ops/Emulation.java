package dev.jbuild.ops;

import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Programs of other machines that this kernel can start, through an interpreter that it holds open
 * (flag F), so that sandboxes need not have it. Source: Linux, admin-guide/binfmt-misc.rst; ELF,
 * e_ident and e_machine.
 *
 * @param registered where the kernel lists them: {@code /proc/sys/fs/binfmt_misc}
 */
public record Emulation(Path registered) {
  private static final int HEADER_DIGITS = 40;
  private static final int MACHINE_DIGIT = 36;
  private static final String INSTALL =
      "install qemu-user-static with binfmt-support, or run the image tonistiigi/binfmt, so that"
          + " /proc/sys/fs/binfmt_misc has an interpreter for it with flag F";

  /** Class, byte order and machine of an ELF header by architecture. */
  private static final Map<String, String> MACHINES =
      Map.ofEntries(
          Map.entry("amd64", "02013e00"),
          Map.entry("386", "01010300"),
          Map.entry("arm64", "0201b700"),
          Map.entry("arm", "01012800"),
          Map.entry("riscv64", "0201f300"),
          Map.entry("ppc64le", "02011500"),
          Map.entry("s390x", "02020016"),
          Map.entry("mips64le", "02010800"),
          Map.entry("mips64", "02020008"),
          Map.entry("loong64", "02010201"));

  /** What keeps programs of the platform from running here; null when they run. */
  @Nullable String missing(Platform platform) {
    String machine = MACHINES.get(platform.normalized().architecture());
    if (machine == null || !platform.os().equals("linux")) {
      return "nothing emulates that";
    }
    String unfit = INSTALL;
    if (!Files.isDirectory(registered)) {
      return unfit;
    }
    try (var entries = Files.newDirectoryStream(registered)) {
      for (Path entry : entries) {
        List<String> lines = lines(entry);
        if (!machine.equals(machine(lines)) || !lines.contains("enabled")) {
          continue;
        }
        if (lines.stream().anyMatch(line -> line.matches("flags: .*F.*"))) {
          return null;
        }
        unfit =
            "'"
                + entry.getFileName()
                + "' in binfmt_misc is registered without flag F, so that it is not found in a"
                + " sandbox: "
                + INSTALL;
      }
    } catch (IOException | DirectoryIteratorException e) {
      return "/proc/sys/fs/binfmt_misc cannot be read: " + e.getMessage();
    }
    return unfit;
  }

  private static List<String> lines(Path entry) {
    try {
      return Files.readString(entry, StandardCharsets.US_ASCII).lines().toList();
    } catch (IOException unreadable) {
      return List.of(); // such as "register", which can only be written
    }
  }

  private static String machine(List<String> lines) {
    for (String line : lines) {
      String magic = line.startsWith("magic ") ? line.substring("magic ".length()) : "";
      if (magic.startsWith("7f454c46") && magic.length() >= HEADER_DIGITS) {
        return magic.substring(8, 12) + magic.substring(MACHINE_DIGIT, HEADER_DIGITS);
      }
    }
    return "";
  }
}
