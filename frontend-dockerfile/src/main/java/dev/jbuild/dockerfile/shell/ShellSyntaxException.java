package dev.jbuild.dockerfile.shell;

/** A word that cannot be expanded. The message says why, the offset where in the word. */
public final class ShellSyntaxException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int offset;

  ShellSyntaxException(String message, int offset) {
    super(message);
    this.offset = offset;
  }

  /** 0-based; at most the word's length. */
  public int offset() {
    return offset;
  }

  /** The message, never null. */
  public String reason() {
    return String.valueOf(getMessage());
  }
}
