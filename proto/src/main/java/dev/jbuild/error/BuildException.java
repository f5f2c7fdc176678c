package dev.jbuild.error;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A failure that the user is told about: user's mistake, network, disk, kernel. The message says
 * where, what, why and the offending value, in lower case and without a full stop; secrets are
 * redacted before they come here. A bug is an {@link IllegalStateException} instead.
 */
public final class BuildException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Code code;
  private final transient List<Detail> details;

  public BuildException(Code code, String message) {
    this(code, message, null, List.of());
  }

  public BuildException(Code code, String message, @Nullable Throwable cause) {
    this(code, message, cause, List.of());
  }

  public BuildException(
      Code code, String message, @Nullable Throwable cause, List<? extends Detail> details) {
    super(message, cause);
    this.code = code;
    this.details = List.copyOf(details);
  }

  public Code code() {
    return code;
  }

  /** Details, innermost first. */
  public List<Detail> details() {
    return details;
  }

  /** The same failure with one more detail, which becomes the outermost. */
  public BuildException with(Detail detail) {
    var more = new ArrayList<>(details);
    more.add(detail);
    var copy = new BuildException(code, message(), this, more);
    return copy;
  }

  /** The message, never null. */
  public String message() {
    String text = getMessage();
    return text == null ? code.name() : text;
  }
}
