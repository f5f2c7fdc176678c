package dev.jbuild.export;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.json.DocumentJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Names the images of an OCI layout directory: {@code index.json} and {@code oci-layout}. Other
 * writers are kept out by the file lock that the field's tools take.
 */
public final class LayoutIndex {
  private static final String INDEX = "index.json";
  private static final int MAX_INDEX_BYTES = 4 << 20;

  private LayoutIndex() {}

  /**
   * Enters an image whose blobs are there.
   *
   * @param root its manifest, or the index of several
   * @param names it takes from the images that have them; may be empty
   */
  public static void add(Path directory, Descriptor root, List<ImageRef> names) throws IOException {
    replace(directory.resolve("oci-layout"), LayoutFiles.MARKER);
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(INDEX + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException(INDEX + ": the lock of the layout was lost");
      }
      List<Descriptor> entries = LayoutFiles.entries(root, names);
      replace(
          directory.resolve(INDEX), LayoutFiles.index(merged(directory.resolve(INDEX), entries)));
    }
  }

  /** The entries that are there, but for those whose name the new ones take. */
  private static List<Descriptor> merged(Path index, List<Descriptor> entries) throws IOException {
    var all = new ArrayList<Descriptor>();
    if (Files.exists(index)) {
      byte[] json;
      try (InputStream in = Files.newInputStream(index)) {
        json = in.readNBytes(MAX_INDEX_BYTES);
      }
      for (Descriptor old : DocumentJson.readIndex(Bytes.copyOf(json)).manifests()) {
        if (entries.stream().noneMatch(entry -> replaces(entry, old))) {
          all.add(old);
        }
      }
    }
    all.addAll(entries);
    return all;
  }

  private static boolean replaces(Descriptor entry, Descriptor old) {
    String name = entry.annotations().getOrDefault(LayoutFiles.NAME, "");
    String oldName = old.annotations().getOrDefault(LayoutFiles.NAME, "");
    String tag = entry.annotations().getOrDefault(LayoutFiles.REF_NAME, "");
    String oldTag = old.annotations().getOrDefault(LayoutFiles.REF_NAME, "");
    if (name.isEmpty() && tag.isEmpty()) {
      return entry.digest().equals(old.digest()) && oldName.isEmpty() && oldTag.isEmpty();
    }
    return oldName.isEmpty() ? !tag.isEmpty() && tag.equals(oldTag) : name.equals(oldName);
  }

  /** Writes a file under another name first. */
  static void replace(Path target, Bytes bytes) throws IOException {
    Path part = part(target);
    try {
      Files.write(part, bytes.toArray());
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  static Path part(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".part");
  }
}
