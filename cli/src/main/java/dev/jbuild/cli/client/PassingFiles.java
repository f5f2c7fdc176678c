package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.session.FileSync;
import java.io.IOException;

/**
 * Files whose directory is another one with every build. They are all known as one, so that the
 * daemon keeps one copy of them and not one a build.
 */
record PassingFiles(FileSync files) implements FileSync {
  private static final String IDENTITY = "standard input";

  /** The same files, where the plan's context is no archive. */
  static FileSync of(BuildPlan plan, FileSync files) {
    return plan.context() instanceof BuildPlan.ArchiveOnInput ? new PassingFiles(files) : files;
  }

  @Override
  public Walk open(String name, Filter filter) throws IOException {
    return files.open(name, filter);
  }

  @Override
  public String identity(String name) {
    boolean unpacked = name.equals("context") || name.equals("dockerfile");
    return unpacked ? IDENTITY : files.identity(name);
  }
}
