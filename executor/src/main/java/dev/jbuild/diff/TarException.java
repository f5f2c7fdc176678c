package dev.jbuild.diff;

import java.io.IOException;

/** A tar or compressed stream that is not what it claims to be. */
public final class TarException extends IOException {
  private static final long serialVersionUID = 1L;

  public TarException(String message) {
    super(message);
  }

  TarException(String message, Throwable cause) {
    super(message, cause);
  }
}
