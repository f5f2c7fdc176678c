package dev.jbuild.session;

import dev.jbuild.oci.Bytes;
import java.util.Map;
import java.util.TreeMap;

/**
 * Which extended attributes go from a client to a daemon and back: what users set, and the
 * capabilities of programs. Labels of the sender's own machine stay there, and none that steers the
 * receiver's storage is taken. Source: xattr(7); overlayfs, "Nesting overlayfs mounts".
 */
public final class SentAttributes {
  private static final String USER = "user.";
  private static final String CAPABILITY = "security.capability";

  /** Prefixes of {@code user.} that overlay file systems give a meaning to, as storage does. */
  private static final String OVERLAY = "user.overlay.";

  private static final String FUSE_OVERLAY = "user.fuseoverlayfs.";
  private static final String STORAGE = "user.jbuild.";

  private SentAttributes() {}

  /** Whether the attribute of this name goes along with its file. */
  public static boolean isSent(String name) {
    if (!name.startsWith(USER)) {
      return name.equals(CAPABILITY);
    }
    return name.length() > USER.length()
        && !name.startsWith(OVERLAY)
        && !name.startsWith(FUSE_OVERLAY)
        && !name.startsWith(STORAGE);
  }

  /** Those of a file that go along with it. */
  public static Map<String, Bytes> of(Map<String, byte[]> all) {
    if (all.isEmpty()) {
      return Map.of();
    }
    var sent = new TreeMap<String, Bytes>();
    all.forEach(
        (name, value) -> {
          if (isSent(name)) {
            sent.put(name, Bytes.copyOf(value));
          }
        });
    return sent;
  }

  /** As the kernel takes them. */
  public static Map<String, byte[]> arrays(Map<String, Bytes> attributes) {
    if (attributes.isEmpty()) {
      return Map.of();
    }
    var arrays = new TreeMap<String, byte[]>();
    attributes.forEach((name, value) -> arrays.put(name, value.toArray()));
    return arrays;
  }
}
