package dev.jbuild.export;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;

/** Says that an output could not be written. */
public final class ExportErrors {
  private ExportErrors() {}

  /**
   * The failure for the user.
   *
   * @param title of the exporter
   */
  public static BuildException of(String title, IOException failure) {
    String reason = failure.getMessage() == null ? failure.toString() : failure.getMessage();
    if (reason.contains("No space left on device") || reason.contains("ENOSPC")) {
      return new BuildException(
          Code.RESOURCE_EXHAUSTED,
          title + ": no space left on device: free some, or write to another place",
          failure);
    }
    if (reason.contains("Broken pipe")) {
      return new BuildException(
          Code.FAILED, title + ": who was to read the output has gone (broken pipe)", failure);
    }
    return new BuildException(Code.FAILED, title + ": " + reason, failure);
  }
}
