package dev.jbuild.diff;

import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import dev.jbuild.snapshot.TreeDeletion;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The directory that one layer is unpacked into. Every name is resolved inside it: symbolic links
 * of the layer itself are followed as if the directory were the root, {@code ..} stops at it. What
 * is there is remembered, so that no path is ever given to the kernel with a part that was not
 * checked. For one thread.
 */
final class LayerTarget {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final String RESERVED = ".wh..wh.";
  private static final int MAX_LINKS = 255;

  private final Path root;
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final NodeWriter writer;
  private final NavigableMap<String, Kind> present = new TreeMap<>();
  private final Map<String, Metadata> directoryTimes = new LinkedHashMap<>();
  private final NavigableSet<String> implicit = new TreeSet<>();
  private final byte[] buffer = new byte[1 << 16];

  private enum Kind {
    DIRECTORY,
    SYMLINK,
    WHITEOUT,
    OTHER
  }

  LayerTarget(Path root, Kernel kernel, Whiteouts whiteouts) {
    this.root = root;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.writer = new NodeWriter(kernel);
    present.put("", Kind.DIRECTORY);
    implicit.add("");
  }

  Set<String> implicitDirectories() {
    return Set.copyOf(implicit);
  }

  void add(TarEntry entry, TarReader content) throws IOException {
    List<String> names = names(entry.name());
    if (names.isEmpty()) {
      if (entry.type() == TarEntry.Type.DIRECTORY) {
        implicit.remove("");
        describe("", entry);
      }
      return;
    }
    String name = names.removeLast();
    String parent = parent(entry, names);
    if (name.startsWith(WHITEOUT)) {
      whiteout(entry, parent, name);
      return;
    }
    entry.checkDevice();
    String path = FileTree.join(parent, name);
    Kind there = present.get(path);
    boolean directory = entry.type() == TarEntry.Type.DIRECTORY;
    if (there == Kind.DIRECTORY && directory) {
      implicit.remove(path);
      describe(path, entry);
      return;
    }
    if (there != null) {
      remove(path);
    }
    create(entry, path, content);
    if (there == Kind.WHITEOUT && directory) {
      whiteouts.makeOpaque(root.resolve(path));
    }
  }

  /** Sets the times of directories, which what was put into them has changed. */
  void finish() throws IOException {
    for (Map.Entry<String, Metadata> entry : directoryTimes.entrySet()) {
      if (present.get(entry.getKey()) == Kind.DIRECTORY) {
        long nanos = entry.getValue().modifiedNanos();
        kernel.changeTimes(root.resolve(entry.getKey()), nanos, nanos);
      }
    }
  }

  private void whiteout(TarEntry entry, String parent, String name) throws IOException {
    if (name.equals(OPAQUE)) {
      whiteouts.makeOpaque(root.resolve(parent));
      return;
    }
    if (name.startsWith(RESERVED)) {
      return; // what AUFS kept for itself
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new TarException("tar entry '" + entry.name() + "': a whiteout must name a file");
    }
    String path = FileTree.join(parent, hidden);
    switch (present.get(path)) {
      case null -> {
        whiteouts.hide(root.resolve(path));
        present.put(path, Kind.WHITEOUT);
      }
      case DIRECTORY -> whiteouts.makeOpaque(root.resolve(path)); // this layer's own files stay
      case SYMLINK, WHITEOUT, OTHER -> {} // hides what is below by being there
    }
  }

  private void create(TarEntry entry, String path, TarReader content) throws IOException {
    Path target = root.resolve(path);
    switch (entry.type()) {
      case DIRECTORY -> Files.createDirectory(target);
      case REGULAR -> copy(content, target);
      case SYMLINK -> Files.createSymbolicLink(target, Path.of(entry.linkName()));
      case HARD_LINK -> {
        kernel.link(root.resolve(linkTarget(entry)), target);
        present.put(path, present.getOrDefault(linkTarget(entry), Kind.OTHER));
        return; // shares the metadata of its first name
      }
      case CHARACTER, BLOCK, FIFO ->
          kernel.makeNode(
              target,
              entry.type().mode() | entry.permissions(),
              entry.deviceMajor(),
              entry.deviceMinor());
    }
    present.put(path, kind(entry.type()));
    describe(path, entry);
  }

  private String linkTarget(TarEntry entry) throws IOException {
    List<String> names = names(entry.linkName());
    if (!names.isEmpty()) {
      String name = names.removeLast();
      String parent = resolve(entry, names, false);
      String path = parent == null ? "" : FileTree.join(parent, name);
      Kind there = parent == null ? null : present.get(path);
      if (there == Kind.OTHER || there == Kind.SYMLINK) {
        return path;
      }
    }
    throw new TarException(
        "tar entry '"
            + entry.name()
            + "': hard link to '"
            + entry.linkName()
            + "', which is no file of this layer");
  }

  private static Kind kind(TarEntry.Type type) {
    return switch (type) {
      case DIRECTORY -> Kind.DIRECTORY;
      case SYMLINK -> Kind.SYMLINK;
      case REGULAR, HARD_LINK, CHARACTER, BLOCK, FIFO -> Kind.OTHER;
    };
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

  private void describe(String path, TarEntry entry) throws IOException {
    var attributes = new HashMap<>(entry.attributes());
    attributes.keySet().removeIf(whiteouts::isOwn);
    var metadata =
        new Metadata(
            entry.uid(), entry.gid(), entry.permissions(), entry.modifiedNanos(), attributes);
    writer.apply(metadata, entry.type().mode(), root.resolve(path));
    if (entry.type() == TarEntry.Type.DIRECTORY) {
      directoryTimes.put(path, metadata);
    }
  }

  private void remove(String path) throws IOException {
    TreeDeletion.delete(root.resolve(path));
    present.remove(path);
    present.subMap(path + "/", path + "0").clear(); // '0' follows '/'
    implicit.remove(path);
    implicit.subSet(path + "/", path + "0").clear();
  }

  private String parent(TarEntry entry, List<String> names) throws IOException {
    String parent = resolve(entry, names, true);
    if (parent == null) {
      throw new IllegalStateException("missing directories are made");
    }
    return parent;
  }

  /**
   * The real path of a directory inside the root; null when it is not there and shall not be made.
   */
  private @Nullable String resolve(TarEntry entry, List<String> names, boolean make)
      throws IOException {
    var ahead = new ArrayList<>(names.reversed());
    String at = "";
    int links = 0;
    while (!ahead.isEmpty()) {
      String name = ahead.removeLast();
      if (name.equals("..")) {
        at = FileTree.parent(at);
        continue;
      }
      String next = FileTree.join(at, name);
      switch (present.get(next)) {
        case DIRECTORY -> at = next;
        case SYMLINK -> {
          if (++links > MAX_LINKS) {
            throw new TarException("tar entry '" + entry.name() + "': too many symbolic links");
          }
          String link = Files.readSymbolicLink(root.resolve(next)).toString();
          at = link.startsWith("/") ? "" : at;
          ahead.addAll(segments(link).reversed());
        }
        case OTHER ->
            throw new TarException(
                "tar entry '" + entry.name() + "': '" + next + "' is not a directory");
        case null -> {
          if (!make) {
            return null;
          }
          makeImplicit(next);
          at = next;
        }
        case WHITEOUT -> {
          if (!make) {
            return null;
          }
          remove(next);
          makeImplicit(next);
          whiteouts.makeOpaque(root.resolve(next));
          at = next;
        }
      }
    }
    return at;
  }

  private void makeImplicit(String path) throws IOException {
    Path target = root.resolve(path);
    Files.createDirectory(target);
    kernel.changeMode(target, 0755);
    present.put(path, Kind.DIRECTORY);
    implicit.add(path);
  }

  /** The parts of an entry's name; those that would lead out of the root are clamped. */
  private static List<String> names(String name) throws TarException {
    if (name.indexOf('\0') >= 0) {
      throw new TarException("tar entry '" + name.replace("\0", "\\0") + "': NUL in a name");
    }
    var clean = new ArrayList<String>();
    for (String part : segments(name)) {
      if (!part.equals("..")) {
        clean.add(part);
      } else if (!clean.isEmpty()) {
        clean.removeLast();
      }
    }
    return clean;
  }

  private static List<String> segments(String path) {
    var parts = new ArrayList<String>();
    for (String part : path.split("/", -1)) {
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    return parts;
  }
}
