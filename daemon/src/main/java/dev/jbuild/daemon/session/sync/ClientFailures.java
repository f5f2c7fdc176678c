package dev.jbuild.daemon.session.sync;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/** What went wrong in a call to the client, as the user is told. */
public final class ClientFailures {
  private ClientFailures() {}

  /**
   * The failure of a call.
   *
   * @param what was asked for: begins the text
   */
  public static BuildException of(String what, Throwable cause) {
    if (cause instanceof BuildException known) {
      return known;
    }
    Status status = Status.fromThrowable(cause);
    String said = status.getDescription();
    return switch (status.getCode()) {
      case NOT_FOUND ->
          new BuildException(
              Code.NOT_FOUND, what + ": " + (said == null ? "the client has none" : said), cause);
      case UNIMPLEMENTED ->
          new BuildException(
              Code.NOT_FOUND, what + ": the client's session does not offer it", cause);
      case CANCELLED -> new BuildException(Code.CANCELLED, what + ": cancelled", cause);
      case UNAVAILABLE ->
          new BuildException(Code.UNAVAILABLE, what + ": the client's session has ended", cause);
      case PERMISSION_DENIED ->
          new BuildException(
              Code.PERMISSION_DENIED, what + ": " + (said == null ? "denied" : said), cause);
      default -> new BuildException(Code.FAILED, told(what, said, status.getCode().name()), cause);
    };
  }

  /** The text of a packet that ends a stream of files. */
  static String why(ByteString text) {
    String said = text.toStringUtf8();
    return said.isBlank() ? "the other side has given up and does not say why" : said;
  }

  /** A client may begin its text as the daemon does. */
  private static String told(String what, @Nullable String said, String code) {
    if (said == null) {
      return what + ": " + code;
    }
    return said.startsWith(what + ": ") ? said : what + ": " + said;
  }
}
