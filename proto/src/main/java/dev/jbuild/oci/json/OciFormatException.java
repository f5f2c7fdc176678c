package dev.jbuild.oci.json;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * JSON that is not what it should be. The message names the place within the document and what is
 * wrong there; the caller adds which document it was.
 */
public final class OciFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  public OciFormatException(String message) {
    super(message);
  }

  public OciFormatException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
