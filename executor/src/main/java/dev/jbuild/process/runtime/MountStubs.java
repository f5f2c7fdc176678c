package dev.jbuild.process.runtime;

import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Mount points that a root file system lacks: made before the step, and taken away after it when
 * they are still empty, so that they are in no layer. The times of the directories around them stay
 * as they were, and a directory that overlayfs copied only because of them goes again.
 */
final class MountStubs {
  private static final String OVERLAY_PREFIX = "trusted.overlay.";
  private static final String OPAQUE = "trusted.overlay.opaque";

  private final Kernel kernel;
  private final Path rootfs;
  private final @Nullable Path upper;
  private final Deque<String> stubs = new ArrayDeque<>();
  private final Map<String, Before> copied = new TreeMap<>();

  /** A mount point: absolute path in the sandbox, and whether a directory is mounted there. */
  record Target(String path, boolean directory) {}

  /** A directory that was in a lower layer only. */
  private record Before(FileStat stat, Map<String, byte[]> attributes) {}

  /**
   * @param rootfs where the root is mounted
   * @param upper the directory that takes changes of an overlay, null for other roots
   */
  MountStubs(Kernel kernel, Path rootfs, @Nullable Path upper) {
    this.kernel = kernel;
    this.rootfs = rootfs;
    this.upper = upper;
  }

  /** Makes what is missing. Nothing may run in the root yet. */
  void make(List<Target> targets) throws IOException {
    var covered = new ArrayList<RootedPath>();
    for (var target : targets) {
      var place = RootedPath.resolve(rootfs, target.path());
      boolean elsewhere = covered.stream().anyMatch(place::isAtOrBelow);
      covered.add(place);
      if (!elsewhere && !place.exists()) {
        make(place, target.directory());
      }
    }
  }

  private void make(RootedPath place, boolean directory) throws IOException {
    if (!Files.isDirectory(place.hostPath(place.existing()), LinkOption.NOFOLLOW_LINKS)) {
      return; // the runtime says what is wrong
    }
    rememberCopies(place);
    for (int count = place.existing(); count < place.names().size(); count++) {
      var parent = place.hostPath(count);
      var made = place.hostPath(count + 1);
      var times = modified(parent);
      if (directory || count + 1 < place.names().size()) {
        Files.createDirectory(made);
        kernel.changeMode(made, 0755);
      } else {
        Files.createFile(made);
        kernel.changeMode(made, 0644);
      }
      restore(parent, times);
      stubs.push(String.join("/", place.names().subList(0, count + 1)));
    }
  }

  private void rememberCopies(RootedPath place) throws IOException {
    if (upper == null) {
      return;
    }
    for (int count = 1; count <= place.existing(); count++) {
      String path = String.join("/", place.names().subList(0, count));
      if (!copied.containsKey(path)
          && !Files.exists(upper.resolve(path), LinkOption.NOFOLLOW_LINKS)) {
        var merged = rootfs.resolve(path);
        copied.put(path, new Before(kernel.stat(merged), kernel.attributes(merged)));
      }
    }
  }

  /** Takes away what is still empty. The root is still mounted, and nothing runs in it. */
  void remove() throws IOException {
    while (!stubs.isEmpty()) {
      String stub = stubs.pop();
      inParent(rootfs, stub, this::removeEmpty);
    }
  }

  private void removeEmpty(Path parent, Path stub) throws IOException {
    if (!Files.exists(stub, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var stat = kernel.stat(stub);
    if (stat.isDirectory() || (stat.isRegular() && stat.sizeBytes() == 0)) {
      delete(parent, stub);
    }
  }

  private static void delete(Path parent, Path child) throws IOException {
    var times = modified(parent);
    try {
      Files.delete(child);
    } catch (DirectoryNotEmptyException used) {
      return;
    }
    restore(parent, times);
  }

  /** Takes away directories that were copied up for nothing. The root is no longer mounted. */
  void removeCopies() throws IOException {
    if (upper == null) {
      return;
    }
    var deepestFirst = new ArrayList<>(copied.keySet());
    deepestFirst.sort((left, right) -> right.length() - left.length());
    for (String path : deepestFirst) {
      var before = copied.get(path);
      if (before != null) {
        inParent(upper, path, (parent, copy) -> removeCopy(parent, copy, before));
      }
    }
    copied.clear();
  }

  private void removeCopy(Path parent, Path copy, Before before) throws IOException {
    if (!Files.isDirectory(copy, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    var now = kernel.stat(copy);
    var attributes = kernel.attributes(copy);
    boolean same =
        now.mode() == before.stat.mode()
            && now.uid() == before.stat.uid()
            && now.gid() == before.stat.gid()
            && now.modifiedNanos() == before.stat.modifiedNanos()
            && !attributes.containsKey(OPAQUE)
            && sameAttributes(attributes, before.attributes);
    if (same) {
      delete(parent, copy); // stays when the step put something into it
    }
  }

  private static boolean sameAttributes(Map<String, byte[]> left, Map<String, byte[]> right) {
    return contains(left, right) && contains(right, left);
  }

  private static boolean contains(Map<String, byte[]> all, Map<String, byte[]> some) {
    for (var entry : some.entrySet()) {
      if (!entry.getKey().startsWith(OVERLAY_PREFIX)
          && !Arrays.equals(entry.getValue(), all.get(entry.getKey()))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Works on a path whose parent the step may have replaced by a link: opened as if {@code root}
   * were {@code /}, so that it never leads out.
   */
  private void inParent(Path root, String path, Work work) throws IOException {
    int slash = path.lastIndexOf('/');
    String parent = slash < 0 ? "" : path.substring(0, slash);
    try (var opened = kernel.openInRoot(root, parent)) {
      work.on(opened.path(), opened.path().resolve(path.substring(slash + 1)));
    } catch (ErrnoException gone) {
      if (gone.errno() != Errno.ENOENT && gone.errno() != Errno.ENOTDIR) {
        throw gone;
      }
    }
  }

  private interface Work {
    void on(Path parent, Path child) throws IOException;
  }

  private static FileTime modified(Path directory) throws IOException {
    return Files.getLastModifiedTime(directory);
  }

  private static void restore(Path directory, FileTime modified) throws IOException {
    Files.getFileAttributeView(directory, BasicFileAttributeView.class)
        .setTimes(modified, null, null);
  }
}
