package dev.jbuild.session.direct;

import dev.jbuild.oci.Digest;
import dev.jbuild.session.LayoutAccess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * OCI layouts in directories of this machine. Source: OCI image-spec, image-layout.md.
 *
 * @param directories by store id
 */
public record DirectoryLayouts(Map<String, Path> directories) implements LayoutAccess {
  public DirectoryLayouts {
    directories = Map.copyOf(directories);
  }

  /** Where a layout has a blob, if it has it. */
  public static Path blob(Path layout, Digest digest) {
    return layout.resolve("blobs").resolve("sha256").resolve(digest.hex());
  }

  @Override
  public Store layout(String store) {
    Path directory = directory(store);
    return new Store() {
      @Override
      public InputStream index() throws IOException {
        return Files.newInputStream(regular(directory.resolve("index.json")));
      }

      @Override
      public InputStream blob(Digest digest) throws IOException {
        Path path = regular(DirectoryLayouts.blob(directory, digest));
        return Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS);
      }
    };
  }

  /**
   * The directory of a store.
   *
   * @throws dev.jbuild.error.BuildException NOT_FOUND when there is no such store
   */
  public Path directory(String store) {
    Path directory = directories.get(store);
    if (directory == null) {
      throw LayoutAccess.notOffered(store);
    }
    return directory;
  }

  /** A link would lead the daemon to files that the client may not be able to read itself. */
  private static Path regular(Path path) throws IOException {
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new NoSuchFileException(path.toString());
    }
    return path;
  }
}
