package dev.jbuild.daemon.build;

import dev.jbuild.session.FileSync;
import java.nio.file.Path;
import java.util.Map;

/** Offers directories of this machine to builds in the same process. */
public interface LocalDirectories {

  /** Files below these directories, by the names of local sources. */
  FileSync offer(Map<String, Path> directories);
}
