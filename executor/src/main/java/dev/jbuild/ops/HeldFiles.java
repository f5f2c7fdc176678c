package dev.jbuild.ops;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.ignore.NameOrder;
import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.process.TreeMounter;
import dev.jbuild.snapshot.Listing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/**
 * Files of a tree that is mounted. The kernel resolves every path, and what it has found is held by
 * a descriptor while it is read: no process can lead a reader out of the tree by swapping files.
 */
record HeldFiles(Kernel kernel, TreeMounter.Held held, int index) implements SandboxFiles {
  /** One answer has to fit into a message. */
  private static final int ENTRIES = 50_000;

  private static final int LINKS = 40;

  @Override
  public Bytes read(String path, long offset, int maxBytes) throws InterruptedException {
    return reading(
        "open",
        path,
        () -> {
          try (Descriptor file = held.open(index, path)) {
            // A pipe, or a device, would keep the reader waiting.
            if (!Files.isRegularFile(file.path())) {
              throw new BuildException(Code.INVALID, "'" + path + "' is not a regular file");
            }
            return FilePart.read(file.path(), offset, maxBytes);
          }
        });
  }

  @Override
  public List<Seen> list(String path) throws InterruptedException {
    return reading("open", path, () -> listing(path));
  }

  private List<Seen> listing(String path) throws IOException {
    try (Descriptor directory = held.open(index, path)) {
      if (!Files.isDirectory(directory.path())) {
        throw new BuildException(Code.INVALID, "open " + path + ": not a directory");
      }
      String[] names = Listing.names(directory.path());
      if (names.length > ENTRIES) {
        throw new BuildException(
            Code.RESOURCE_EXHAUSTED,
            "directory '"
                + path
                + "' has "
                + names.length
                + " entries, at most "
                + ENTRIES
                + " are listed");
      }
      Arrays.sort(names, NameOrder.BY_BYTES);
      var all = new ArrayList<Seen>(names.length);
      for (String name : names) {
        try {
          all.add(seen(name, directory.path().resolve(name)));
        } catch (ErrnoException | NoSuchFileException gone) {
          if (!missing(gone)) {
            throw gone;
          }
        }
      }
      return List.copyOf(all);
    }
  }

  @Override
  public Seen stat(String path) throws InterruptedException {
    return reading("stat", path, () -> followed(path));
  }

  /** The last part's links are followed here, so that the file itself is looked at. */
  private Seen followed(String path) throws IOException {
    String asked = last(path);
    String at = path;
    Seen leading = null;
    for (int links = 0; links <= LINKS; links++) {
      String name = last(at);
      boolean named = !name.isEmpty() && !name.equals(".") && !name.equals("..");
      Seen found;
      try (Descriptor directory = held.open(index, named ? parent(at) : at)) {
        found = seen(asked, directory.path().resolve(named ? name : "."));
      } catch (ErrnoException | NoSuchFileException gone) {
        if (leading != null && missing(gone)) {
          return leading;
        }
        throw gone;
      }
      if (!found.stat().isSymlink()) {
        return found;
      }
      String target = found.linkTarget();
      leading = leading == null && target.startsWith("/") ? found : leading;
      at = target.startsWith("/") ? target : parent(at) + "/" + target;
    }
    throw new BuildException(Code.INVALID, path + ": too many symbolic links");
  }

  private Seen seen(String name, Path file) throws IOException {
    FileStat stat = kernel.stat(file);
    if (stat.isSymlink()) {
      return new Seen(
          name, stat, Files.readSymbolicLink(file).toString(), new TreeMap<String, Bytes>());
    }
    var attributes = new TreeMap<String, Bytes>();
    kernel.attributes(file).forEach((each, value) -> attributes.put(each, Bytes.copyOf(value)));
    return new Seen(name, stat, "", attributes);
  }

  private static String last(String path) {
    String trimmed = trimmed(path);
    return trimmed.substring(trimmed.lastIndexOf('/') + 1);
  }

  private static String parent(String path) {
    String trimmed = trimmed(path);
    return trimmed.substring(0, Math.max(0, trimmed.lastIndexOf('/')));
  }

  private static String trimmed(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }

  private interface Reading<T> {
    T read() throws IOException;
  }

  /** Frontends look at how the text ends. */
  private static <T> T reading(String call, String path, Reading<T> work)
      throws InterruptedException {
    if (path.indexOf('\0') >= 0) {
      throw new BuildException(Code.INVALID, call + ": a path has a NUL character in it");
    }
    return Failures.wrap(
        "reading '" + path + "'",
        () -> {
          try {
            return work.read();
          } catch (ErrnoException | NoSuchFileException failure) {
            if (missing(failure)) {
              throw new BuildException(
                  Code.NOT_FOUND, call + " " + path + ": no such file or directory", failure);
            }
            if (failure instanceof ErrnoException known && known.errno() == Errno.ELOOP) {
              throw new BuildException(Code.INVALID, path + ": too many symbolic links", failure);
            }
            throw failure;
          }
        });
  }

  private static boolean missing(IOException failure) {
    return failure instanceof NoSuchFileException
        || (failure instanceof ErrnoException known
            && (known.errno() == Errno.ENOENT || known.errno() == Errno.ENOTDIR));
  }
}
