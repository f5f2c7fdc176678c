package dev.jbuild.diff;

import dev.jbuild.ignore.SlashPath;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerEditor;
import dev.jbuild.snapshot.Metadata;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Extracts an archive into a directory of a layer, as {@code ADD} does: names mean what they say,
 * there are no whiteouts. The directory is the root of all names and links in the archive; nothing
 * leaves it. For one thread.
 */
public final class TarExtractor {
  private static final int BLOCK = 512;
  private static final int MAX_LINKS = 255;
  private static final int PARENT_MODE = 0755;

  private final LayerEditor layer;
  private final String root;
  private final @Nullable Owner owner;
  private final Kernel kernel;
  private final UnpackLimits limits;
  private final byte[] buffer = new byte[1 << 16];

  /** Whom everything shall belong to. */
  public record Owner(int uid, int gid) {}

  /**
   * @param root real path of a directory that the layer shows
   * @param owner null to keep the archive's
   */
  public TarExtractor(
      LayerEditor layer, String root, @Nullable Owner owner, Kernel kernel, UnpackLimits limits) {
    this.layer = layer;
    this.root = root;
    this.owner = owner;
    this.kernel = kernel;
    this.limits = limits;
  }

  /** Whether the file's content is a tar, plain or compressed. An empty file is none. */
  public static boolean isArchive(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        InputStream plain = Decompression.open(new BufferedInputStream(in, BLOCK))) {
      byte[] header = plain.readNBytes(BLOCK);
      // A first entry may have headers of its own before it, as those of git archive.
      var whole = new SequenceInputStream(new ByteArrayInputStream(header), plain);
      return header.length == BLOCK && header[0] != 0 && new TarReader(whole).next() != null;
    } catch (IOException e) {
      if (!Files.isReadable(file)) {
        throw e;
      }
      return false; // begins like an archive, and is none
    }
  }

  /**
   * Extracts all entries.
   *
   * @param archive compressed in any way, not closed
   * @throws IOException {@link TarException} or a cut-off stream, with the entry's name
   */
  public void extract(InputStream archive) throws IOException {
    var reader = new TarReader(Decompression.open(archive));
    long bytes = 0;
    long entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while extracting");
      }
      bytes += entry.sizeBytes();
      if (bytes > limits.maxBytes() || ++entries > limits.maxEntries()) {
        throw limits.exceeded(entry.name());
      }
      add(entry, reader);
    }
  }

  private void add(TarEntry entry, TarReader content) throws IOException {
    entry.checkDevice();
    checkInside(entry, entry.name());
    Deque<String> names = segments(SlashPath.clean("/" + entry.name()));
    if (names.isEmpty()) {
      return;
    }
    String name = names.removeLast();
    String path = FileTree.join(resolve(entry, names, true), name);
    switch (entry.type()) {
      case DIRECTORY -> {
        if (!layer.makeDirectory(path)) {
          layer.copyUp(path); // one that is there becomes as the archive says
        }
      }
      case REGULAR -> copy(content, layer.place(path));
      case SYMLINK -> Files.createSymbolicLink(layer.place(path), Path.of(entry.linkName()));
      case HARD_LINK -> {
        Path existing = layer.copyUp(linkTarget(entry));
        kernel.link(existing, layer.place(path));
        return; // shares the metadata of its first name
      }
      case CHARACTER, BLOCK, FIFO ->
          kernel.makeNode(
              layer.place(path),
              entry.type().mode() | entry.permissions(),
              entry.deviceMajor(),
              entry.deviceMinor());
    }
    int uid = owner == null ? entry.uid() : owner.uid();
    int gid = owner == null ? entry.gid() : owner.gid();
    layer.describe(
        path,
        entry.type().mode(),
        new Metadata(
            uid, gid, entry.permissions(), entry.modifiedNanos(), attributes(entry.attributes())));
  }

  /** Someone who adds an archive must not be surprised by where its files go. */
  private static void checkInside(TarEntry entry, String path) throws TarException {
    String relative = path.replaceFirst("^/+", "");
    String clean = SlashPath.clean(relative.isEmpty() ? "." : relative);
    if (clean.equals("..") || clean.startsWith("../")) {
      throw new TarException(
          "tar entry '" + entry.name() + "': '" + path + "' leads out of the directory");
    }
  }

  /** Only what cannot change how the layer itself is read. */
  private static Map<String, byte[]> attributes(Map<String, byte[]> given) {
    var kept = new TreeMap<>(given);
    kept.keySet().removeIf(name -> name.startsWith("trusted."));
    return kept;
  }

  private String linkTarget(TarEntry entry) throws IOException {
    checkInside(entry, entry.linkName());
    Deque<String> names = segments(SlashPath.clean("/" + entry.linkName()));
    if (!names.isEmpty()) {
      String name = names.removeLast();
      String path = FileTree.join(resolve(entry, names, false), name);
      FileNode there = layer.lookup(path);
      if (there != null && !there.isDirectory()) {
        return path;
      }
    }
    throw new TarException(
        "tar entry '"
            + entry.name()
            + "': hard link to '"
            + entry.linkName()
            + "', which is no file of this archive");
  }

  /** The real path of a directory below the root; missing ones are made when asked for. */
  private String resolve(TarEntry entry, Deque<String> ahead, boolean make) throws IOException {
    List<String> at = new ArrayList<>();
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.removeFirst();
      if (name.equals("..")) {
        if (!at.isEmpty()) {
          at.removeLast();
        }
        continue;
      }
      at.add(name);
      String path = below(at);
      FileNode there = layer.lookup(path);
      if (there == null && make) {
        layer.makeDirectory(path);
        layer.describe(path, FileStat.DIRECTORY, new Metadata(0, 0, PARENT_MODE, 0, Map.of()));
      } else if (there != null && there.stat().isSymlink()) {
        if (++links > MAX_LINKS) {
          throw new TarException("tar entry '" + entry.name() + "': too many symbolic links");
        }
        at.removeLast();
        if (there.linkTarget().startsWith("/")) {
          at.clear();
        }
        segments(there.linkTarget()).descendingIterator().forEachRemaining(ahead::addFirst);
      } else if (there != null && !there.isDirectory()) {
        throw new TarException(
            "tar entry '" + entry.name() + "': '" + path + "' is not a directory");
      }
    }
    return below(at);
  }

  private String below(List<String> names) {
    String path = String.join("/", names);
    return path.isEmpty() ? root : FileTree.join(root, path);
  }

  private void copy(TarReader content, Path target) throws IOException {
    try (OutputStream out =
        Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      for (int n = content.read(buffer, 0, buffer.length);
          n >= 0;
          n = content.read(buffer, 0, buffer.length)) {
        out.write(buffer, 0, n);
      }
    }
  }

  private static Deque<String> segments(String path) {
    var parts = new ArrayDeque<String>();
    for (String part : path.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.addLast(part);
      }
    }
    return parts;
  }
}
