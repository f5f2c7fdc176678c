package dev.jbuild.cli.build;

/** A command line that can not be understood. The message is one line, without a full stop. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message, null, false, false);
  }
}
