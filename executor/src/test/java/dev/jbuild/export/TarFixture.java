package dev.jbuild.export;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** Reads tars with a library that others wrote. */
public final class TarFixture {
  private TarFixture() {}

  /** Contents of the regular files. */
  public static Map<String, Bytes> files(Path tar) throws IOException {
    var files = new LinkedHashMap<String, Bytes>();
    try (var in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (entry.isFile()) {
          files.put(entry.getName(), Bytes.copyOf(in.readAllBytes()));
        }
      }
    }
    return files;
  }

  public static Bytes file(Map<String, Bytes> files, String name) {
    Bytes content = files.get(name);
    if (content == null) {
      throw new AssertionError(name + " is not among " + files.keySet());
    }
    return content;
  }

  /** {@code name mode uid:gid @seconds [-> link]} of all entries. */
  public static List<String> headers(Path tar) throws IOException {
    var headers = new ArrayList<String>();
    try (var in = new TarArchiveInputStream(Files.newInputStream(tar))) {
      for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        int type = entry.isDirectory() ? 040000 : entry.isSymbolicLink() ? 0120000 : 0100000;
        headers.add(
            "%s %o %d:%d @%d%s"
                .formatted(
                    entry.getName(),
                    type | (entry.getMode() & 07777),
                    entry.getLongUserId(),
                    entry.getLongGroupId(),
                    entry.getLastModifiedTime().toMillis() / 1000,
                    entry.getLinkName().isEmpty() ? "" : " -> " + entry.getLinkName()));
      }
    }
    return headers;
  }
}
