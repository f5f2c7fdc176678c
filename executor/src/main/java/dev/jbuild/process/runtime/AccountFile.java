package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lines of {@code /etc/passwd} or {@code /etc/group} of a root file system: hostile input. */
final class AccountFile {
  private static final long MAX_BYTES = 8 << 20;

  private AccountFile() {}

  /**
   * Fields of each line that has at least {@code minFields}, in order; none when there is no such
   * file.
   *
   * @param name path inside the root, {@code /etc/passwd}
   */
  static List<List<String>> read(Kernel kernel, Path root, String name, int minFields)
      throws IOException {
    var entries = new ArrayList<List<String>>();
    for (String line : text(kernel, root, name).split("\n", -1)) {
      String trimmed = line.strip();
      if (!trimmed.startsWith("#")) {
        var fields = List.of(trimmed.split(":", -1));
        if (fields.size() >= minFields) {
          entries.add(fields);
        }
      }
    }
    return entries;
  }

  private static String text(Kernel kernel, Path root, String name) throws IOException {
    try (var opened = kernel.openInRoot(root, name)) {
      var file = opened.path();
      if (!Files.isRegularFile(file)) { // reading a fifo would hang
        return "";
      }
      if (Files.size(file) > MAX_BYTES) {
        throw new BuildException(
            Code.INVALID,
            "user lookup: " + name + " of the image has more than " + MAX_BYTES + " bytes");
      }
      try (var in = Files.newInputStream(file)) {
        return new String(in.readNBytes((int) MAX_BYTES), StandardCharsets.UTF_8);
      }
    } catch (ErrnoException absent) {
      if (absent.errno() == Errno.ENOENT
          || absent.errno() == Errno.ENOTDIR
          || absent.errno() == Errno.ELOOP) {
        return "";
      }
      throw absent;
    }
  }
}
