package dev.jbuild.filetree;

import dev.jbuild.llb.FileAction;
import java.io.IOException;

/** Finds users and groups by their names. */
public interface Accounts {

  /**
   * The user and its primary group.
   *
   * @throws dev.jbuild.error.BuildException NOT_FOUND when there is no such user
   */
  Ids user(FileAction.ByName name) throws IOException;

  /**
   * @throws dev.jbuild.error.BuildException NOT_FOUND when there is no such group
   */
  int group(FileAction.ByName name) throws IOException;
}
