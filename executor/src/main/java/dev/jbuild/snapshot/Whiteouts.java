package dev.jbuild.snapshot;

import dev.jbuild.linux.FileStat;
import java.io.IOException;
import java.nio.file.Path;

/** How a layer's directory says that something of the layers below is gone. Thread-safe. */
public interface Whiteouts {

  /** Makes an entry that hides what the layers below have at this path. */
  void hide(Path path) throws IOException;

  /** Whether the entry is one that {@link #hide} makes. */
  boolean isHidden(Path path, FileStat stat) throws IOException;

  /** Marks a directory: nothing of the layers below shows in it. */
  void makeOpaque(Path directory) throws IOException;

  boolean isOpaque(Path directory) throws IOException;

  /** Whether the extended attribute is one of these marks, or otherwise storage's own. */
  boolean isOwn(String attribute);
}
