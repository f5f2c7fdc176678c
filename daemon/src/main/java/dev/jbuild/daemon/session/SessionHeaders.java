package dev.jbuild.daemon.session;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.Metadata;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a client says of its session when it opens one. Source: reference wire-session, section 1.
 *
 * @param id never empty
 * @param sharedKey tells the client's directory from others, or empty
 * @param methods that the client serves, lower case, such as {@code
 *     /moby.filesync.v1.filesync/diffcopy}
 */
public record SessionHeaders(String id, String sharedKey, Set<String> methods) {
  private static final Metadata.Key<String> ID = key("x-docker-expose-session-uuid");
  private static final Metadata.Key<String> SHARED_KEY = key("x-docker-expose-session-sharedkey");
  private static final Metadata.Key<String> METHOD = key("x-docker-expose-session-grpc-method");

  public SessionHeaders {
    methods = Set.copyOf(methods);
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /**
   * Reads them.
   *
   * @throws BuildException INVALID when there is no id
   */
  public static SessionHeaders read(Metadata headers) {
    String id = headers.get(ID);
    if (id == null || id.isBlank()) {
      throw new BuildException(
          Code.INVALID, "session: the header '" + ID.name() + "' is missing; it names the session");
    }
    var methods = new TreeSet<String>();
    Iterable<String> values = headers.getAll(METHOD);
    if (values != null) {
      values.forEach(value -> methods.add(value.toLowerCase(Locale.ROOT)));
    }
    String shared = headers.get(SHARED_KEY);
    return new SessionHeaders(id, shared == null ? "" : shared, methods);
  }

  /** Writes them, for a client. */
  public Metadata write() {
    var headers = new Metadata();
    headers.put(ID, id);
    headers.put(SHARED_KEY, sharedKey);
    methods.forEach(method -> headers.put(METHOD, method));
    return headers;
  }

  /**
   * Refuses what the client does not serve.
   *
   * @param method full name, without the slash before it, in any case
   * @param what is wanted of it: begins the text
   * @throws BuildException NOT_FOUND
   */
  void require(String method, String what) {
    if (!offers(method)) {
      throw new BuildException(
          Code.NOT_FOUND,
          what + ": the client's session does not offer it (no method " + method + ")");
    }
  }

  /**
   * Whether the client serves a method.
   *
   * @param method full name, without the slash before it, in any case
   */
  public boolean offers(String method) {
    return methods.contains("/" + method.toLowerCase(Locale.ROOT));
  }
}
