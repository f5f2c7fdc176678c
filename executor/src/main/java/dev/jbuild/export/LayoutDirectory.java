package dev.jbuild.export;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.DocumentJson;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Adds an image to an OCI layout directory; what else is in it stays. The image is named last, and
 * blobs that were added are removed again when something fails. Other writers are kept out by the
 * file lock that the field's tools take.
 */
public final class LayoutDirectory {
  private static final String INDEX = "index.json";
  private static final int MAX_INDEX_BYTES = 4 << 20;

  private final ContentStore content;

  public LayoutDirectory(ContentStore content) {
    this.content = content;
  }

  /** Adds it. */
  public void add(WrittenImage image, Path directory) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
    Deque<Path> added = new ArrayDeque<>();
    boolean whole = false;
    try {
      for (String hex : image.blobs().keySet()) {
        Path target = blobs.resolve(hex);
        if (!Files.exists(target)) {
          added.push(target);
          blob(new Digest(hex), image.documents().get(new Digest(hex)), target);
        }
      }
      replace(directory.resolve("oci-layout"), LayoutFiles.MARKER);
      name(image, directory);
      whole = true;
    } finally {
      if (!whole) {
        for (Path blob : added) {
          Files.deleteIfExists(blob);
        }
      }
    }
  }

  private void blob(Digest digest, @Nullable Bytes document, Path target) throws IOException {
    if (document != null) {
      replace(target, document);
      return;
    }
    Path part = part(target);
    try (InputStream in = Channels.newInputStream(content.open(digest))) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static void name(WrittenImage image, Path directory) throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                directory.resolve(INDEX + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.lock()) {
      if (!lock.isValid()) {
        throw new IOException(INDEX + ": the lock of the layout was lost");
      }
      List<Descriptor> entries = LayoutFiles.entries(image);
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

  private static void replace(Path target, Bytes bytes) throws IOException {
    Path part = part(target);
    try {
      Files.write(part, bytes.toArray());
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Path part(Path target) {
    return target.resolveSibling("." + target.getFileName() + ".part");
  }
}
