package dev.jbuild.solver.cache.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import org.h2.store.fs.FilePathWrapper;

/**
 * Tells H2 to open files as {@link SteadyFile}: paths that begin with {@code steady:}. Public with
 * a public constructor because H2 makes instances by reflection.
 */
public final class SteadyFilePath extends FilePathWrapper {
  static final String SCHEME = "steady";

  @Override
  public FileChannel open(String mode) throws IOException {
    return new SteadyFile(getBase().toString(), mode);
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }
}
