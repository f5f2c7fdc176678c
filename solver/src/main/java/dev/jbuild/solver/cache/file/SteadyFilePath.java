package dev.jbuild.solver.cache.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import org.h2.mvstore.MVStore;
import org.h2.store.fs.FilePath;
import org.h2.store.fs.FilePathWrapper;

/**
 * Tells H2 to open files as {@link SteadyFile}: paths that begin with {@code steady:}. Public with
 * a public constructor because H2 makes instances by reflection.
 */
public final class SteadyFilePath extends FilePathWrapper {
  static final String SCHEME = "steady";

  /** Opens a small store in such a file; the caller commits and closes it. */
  public static MVStore open(Path file) {
    FilePath.register(new SteadyFilePath());
    return new MVStore.Builder()
        .fileName(SCHEME + ":" + file.toAbsolutePath())
        .autoCommitDisabled()
        .open();
  }

  @Override
  public FileChannel open(String mode) throws IOException {
    return new SteadyFile(getBase().toString(), mode);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }
}
