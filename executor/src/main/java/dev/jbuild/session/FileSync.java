package dev.jbuild.session;

import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/**
 * Gives the daemon the client's directories. Only names that the client offered can be read, and
 * nothing outside of them: symbolic links are sent as links.
 */
public interface FileSync {

  /**
   * Walks a directory: parents before children, siblings sorted by the bytes of their names.
   *
   * @param name the local source's name: {@code context}, {@code dockerfile}, ...
   * @throws dev.jbuild.error.BuildException NOT_FOUND when the client offers no such directory
   */
  Walk open(String name, Filter filter) throws IOException;

  /**
   * What tells this directory from others of the same name, so that the one received before is
   * found again; empty when the client does not say. Only a guess hangs on it, never what a build
   * sees.
   */
  default String identity(String name) {
    return "";
  }

  /**
   * What to walk.
   *
   * @param includePatterns empty for all
   * @param excludePatterns in ignore-file syntax, applied in order
   * @param followPaths paths whose symbolic links are followed inside the root so that what they
   *     name is included; may hold wildcards; empty for all
   */
  record Filter(
      List<String> includePatterns, List<String> excludePatterns, List<String> followPaths) {
    public Filter {
      includePatterns = List.copyOf(includePatterns);
      excludePatterns = List.copyOf(excludePatterns);
      followPaths = List.copyOf(followPaths);
    }
  }

  /** A walk in progress. */
  interface Walk extends Iterator<Entry>, AutoCloseable {

    /**
     * Opens the content of a regular file that the walk gave. Several files may be read at once, by
     * several threads, while the walk goes on.
     */
    ReadableByteChannel read(Entry file) throws IOException;

    /** Ends the walk, from any thread. */
    @Override
    void close() throws IOException;
  }

  /**
   * One path.
   *
   * @param path relative, {@code /} between names, no {@code .} or {@code ..}
   * @param mode type and permission bits as in {@code st_mode}
   * @param sizeBytes of a regular file, else 0
   * @param modifiedNanos since the epoch
   * @param linkTarget of a symbolic link, or the earlier path of a hard link, else empty
   * @param attributes extended ones of a file or directory, see {@link SentAttributes}
   */
  record Entry(
      String path,
      int mode,
      int uid,
      int gid,
      long sizeBytes,
      long modifiedNanos,
      String linkTarget,
      long deviceMajor,
      long deviceMinor,
      Map<String, Bytes> attributes) {
    public Entry {
      attributes = Map.copyOf(attributes);
    }

    /** One without extended attributes. */
    public Entry(
        String path,
        int mode,
        int uid,
        int gid,
        long sizeBytes,
        long modifiedNanos,
        String linkTarget,
        long deviceMajor,
        long deviceMinor) {
      this(
          path,
          mode,
          uid,
          gid,
          sizeBytes,
          modifiedNanos,
          linkTarget,
          deviceMajor,
          deviceMinor,
          Map.of());
    }
  }
}
