package dev.jbuild.registry;

import java.io.InterruptedIOException;

/** A peer that sends nothing any more. */
final class StalledException extends InterruptedIOException {
  private static final long serialVersionUID = 1L;

  StalledException(long seconds) {
    super("no data for " + seconds + " seconds");
  }
}
