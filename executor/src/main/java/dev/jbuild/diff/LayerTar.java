package dev.jbuild.diff;

import dev.jbuild.ignore.NameOrder;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.FileNode;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.Listing;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes a directory of differences as a layer's tar. Same directory and same layers below: same
 * bytes. What was only touched and is as it was below is left out; a directory comes before what it
 * holds. Stateless; safe for use by several threads. Source: OCI image-spec, layer.md;
 * reference/oci-facts.md section 4.
 */
public final class LayerTar {
  private static final long SECOND = 1_000_000_000L;

  private final Kernel kernel;
  private final Whiteouts whiteouts;

  public LayerTar(Kernel kernel, Whiteouts whiteouts) {
    this.kernel = kernel;
    this.whiteouts = whiteouts;
  }

  /**
   * Writes the tar with its end marker.
   *
   * @param directory of a committed layer
   * @param lower the layers below it, merged
   * @param newestNanos times after this become this; {@link Long#MAX_VALUE} for none
   * @param out not closed
   */
  public void write(Path directory, FileTree lower, long newestNanos, OutputStream out)
      throws IOException {
    var walk = new Walk(lower, new TarSink(out, newestNanos));
    walk.directory(directory, "", lower.lookup(""), false);
    walk.sink.finish();
  }

  private record Pending(String path, FileStat stat, Map<String, byte[]> attributes, Path file) {}

  private final class Walk {
    private final FileTree lower;
    private final TarSink sink;
    private final Deque<Pending> unwritten = new ArrayDeque<>();

    Walk(FileTree lower, TarSink sink) {
      this.lower = lower;
      this.sink = sink;
    }

    /**
     * @param below the same directory in the layers below; null when they have none
     * @param hidden whether a directory above hides what the layers below have here
     */
    void directory(Path directory, String path, @Nullable FileNode below, boolean hidden)
        throws IOException {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException("interrupted while writing a layer");
      }
      var names = new TreeMap<String, @Nullable Path>(NameOrder.BY_BYTES);
      for (String name : Listing.names(directory)) {
        names.put(name, directory.resolve(name));
      }
      FileNode merged = below != null && below.isDirectory() ? below : null;
      boolean opaque = hidden || (merged != null && whiteouts.isOpaque(directory));
      if (merged != null && opaque) {
        for (FileNode gone : lower.list(merged)) {
          names.putIfAbsent(gone.name(), null);
        }
      }
      for (Map.Entry<String, @Nullable Path> entry : names.entrySet()) {
        Path file = entry.getValue();
        if (file == null) {
          whiteout(path, entry.getKey());
        } else {
          String child = FileTree.join(path, entry.getKey());
          node(file, child, merged == null ? null : lower.lookup(child), opaque);
        }
      }
    }

    private void node(Path file, String path, @Nullable FileNode below, boolean hidden)
        throws IOException {
      FileStat stat = kernel.stat(file);
      if (whiteouts.isHidden(file, stat)) {
        if (below != null) {
          whiteout(FileTree.parent(path), path.substring(path.lastIndexOf('/') + 1));
        }
        return;
      }
      Map<String, byte[]> attributes = kernel.attributes(file);
      boolean same = below != null && isSame(file, stat, attributes, below);
      if (!stat.isDirectory()) {
        if (!same) {
          flush();
          String link = stat.isSymlink() ? Files.readSymbolicLink(file).toString() : "";
          sink.node(path, stat, link, attributes, file);
        }
        return;
      }
      unwritten.addLast(new Pending(path, stat, attributes, file));
      if (!same) {
        flush();
      }
      directory(file, path, below, hidden);
      if (!unwritten.isEmpty() && unwritten.getLast().path().equals(path)) {
        unwritten.removeLast(); // nothing in it has changed
      }
    }

    private void whiteout(String directory, String name) throws IOException {
      flush();
      sink.whiteout(directory, name);
    }

    private void flush() throws IOException {
      while (!unwritten.isEmpty()) {
        Pending next = unwritten.removeFirst();
        sink.node(next.path(), next.stat(), "", next.attributes(), next.file());
      }
    }

    private boolean isSame(Path file, FileStat stat, Map<String, byte[]> attributes, FileNode below)
        throws IOException {
      FileStat old = below.stat();
      if (stat.mode() != old.mode()
          || stat.uid() != old.uid()
          || stat.gid() != old.gid()
          || stat.deviceMajor() != old.deviceMajor()
          || stat.deviceMinor() != old.deviceMinor()
          || !Arrays.equals(
              attributes.get(TarSink.CAPABILITY),
              lower.attributes(below).get(TarSink.CAPABILITY))) {
        return false;
      }
      return stat.isDirectory()
          || (stat.sizeBytes() == old.sizeBytes() && isSameContent(file, stat, below));
    }

    /**
     * Equal times alone prove nothing: nanoseconds may have been cut off by an unpack, and what is
     * written twice within a tick of the clock has one time. Few files come here, so they are read.
     */
    private boolean isSameContent(Path file, FileStat stat, FileNode below) throws IOException {
      long now = stat.modifiedNanos();
      long old = below.stat().modifiedNanos();
      boolean exact = now % SECOND != 0 && old % SECOND != 0;
      if (now != old && (exact || Math.floorDiv(now, SECOND) != Math.floorDiv(old, SECOND))) {
        return false;
      }
      return switch (stat.type()) {
        case FileStat.REGULAR -> Files.mismatch(file, below.file()) < 0;
        case FileStat.SYMLINK -> Files.readSymbolicLink(file).toString().equals(below.linkTarget());
        default -> true;
      };
    }
  }
}
