package dev.jbuild.linux;

import java.io.IOException;

/** A kernel call that failed. */
public final class ErrnoException extends IOException {
  private static final long serialVersionUID = 1L;

  private final int errno;

  /**
   * @param what the call with its arguments: {@code mount overlay on /x}
   */
  public ErrnoException(String what, int errno) {
    super(what + ": " + Errno.text(errno));
    this.errno = errno;
  }

  public int errno() {
    return errno;
  }
}
