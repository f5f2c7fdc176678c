package dev.jbuild.network.meter;

import dev.jbuild.linux.bpf.KernelTypes;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Ids of the security hooks' functions. Finding them takes a reading of five megabytes, so what was
 * found is kept in a file until the machine starts anew.
 */
final class HookIds {
  private static final System.Logger LOG = System.getLogger(HookIds.class.getName());
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final int MAX_TYPES_BYTES = 64 << 20;
  private static final int MAX_FILE_BYTES = 1024;

  private final Path types;
  private final Path file;

  /**
   * @param types the kernel's description of its types
   * @param file where to keep the ids, in a directory that is ours alone
   */
  HookIds(Path types, Path file) {
    this.types = types;
    this.file = file;
  }

  /** Ids in the order of the names; 0 for a hook that this kernel does not have. */
  List<Integer> of(List<String> names) throws IOException {
    String boot = Files.readString(BOOT_ID).strip();
    var known = known(boot, names);
    if (known.size() == names.size()) {
      return known;
    }
    try (var in = Files.newInputStream(types)) {
      var found = KernelTypes.functions(in.readNBytes(MAX_TYPES_BYTES), names);
      keep(boot, names, found);
      return found;
    } catch (IllegalArgumentException e) {
      throw new IOException(types + ": " + e.getMessage(), e);
    }
  }

  private List<Integer> known(String boot, List<String> names) {
    var ids = new ArrayList<Integer>();
    try {
      if (Files.isRegularFile(file) && Files.size(file) <= MAX_FILE_BYTES) {
        var lines = Files.readAllLines(file);
        for (int i = 0; i < names.size() && i + 1 < lines.size(); i++) {
          String start = names.get(i) + "=";
          if (lines.getFirst().equals(boot) && lines.get(i + 1).startsWith(start)) {
            ids.add(Integer.parseUnsignedInt(lines.get(i + 1).substring(start.length())));
          }
        }
      }
    } catch (IOException | NumberFormatException unreadable) {
      ids.clear();
    }
    return ids;
  }

  /** Without the file it only takes longer the next time. */
  private void keep(String boot, List<String> names, List<Integer> ids) {
    var text = new StringBuilder(boot).append('\n');
    for (int i = 0; i < ids.size(); i++) {
      text.append(names.get(i)).append('=').append(ids.get(i)).append('\n');
    }
    try {
      var early = file.resolveSibling(file.getFileName() + ".new");
      Files.writeString(early, text);
      Files.move(early, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "{0} is not kept: {1}", file, e.getMessage());
    }
  }
}
