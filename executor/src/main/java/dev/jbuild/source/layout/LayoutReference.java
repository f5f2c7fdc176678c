package dev.jbuild.source.layout;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.LayoutAccess;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code STORE[:tag][@digest[#session]]} in its parts. */
record LayoutReference(String store, String tag, @Nullable Digest digest, String session) {
  static LayoutReference parse(String text) {
    String rest = text;
    Digest digest = null;
    String session = "";
    int at = rest.indexOf('@');
    if (at >= 0) {
      int hash = rest.indexOf('#', at);
      session = hash < 0 ? "" : rest.substring(hash + 1);
      rest = hash < 0 ? rest : rest.substring(0, hash);
      try {
        digest = Digest.parse(rest.substring(at + 1));
      } catch (IllegalArgumentException e) {
        throw new BuildException(
            Code.INVALID,
            "oci layout '" + text + "': malformed digest, want 'sha256:' and 64 hex digits",
            e);
      }
      rest = rest.substring(0, at);
    }
    int colon = rest.indexOf(':');
    String tag = colon < 0 ? "" : rest.substring(colon + 1);
    return new LayoutReference(colon < 0 ? rest : rest.substring(0, colon), tag, digest, session);
  }

  /**
   * The layout. Some clients put a prefix and a colon before a session's id.
   *
   * @param layouts of the session of an id, of the build's own for an empty one
   * @param attr what the graph calls the store, empty when it does not
   */
  LayoutBlobs blobs(Function<String, LayoutAccess> layouts, String attr, String session) {
    String named = attr.isEmpty() ? store : attr;
    String id = session.substring(session.lastIndexOf(':') + 1);
    return new LayoutBlobs(named, layouts.apply(id).layout(named));
  }
}
