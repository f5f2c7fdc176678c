package dev.jbuild.source;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.Metadata;
import dev.jbuild.snapshot.NodeWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * How a file that was brought lies in its layer, where it is the only one. Source: wire facts,
 * {@code http.filename}, {@code http.perm}, {@code http.uid}, {@code http.gid}.
 *
 * @param name one path element; empty for the one that the file has where it comes from
 * @param mode permission bits
 */
public record FilePlace(String name, int mode, int uid, int gid) {
  private static final int PERMISSIONS = 07777;
  private static final int USUAL_MODE = 0600;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** As a build wants it. */
  public static FilePlace of(SourceRequest request) {
    String name = request.attrs().getOrDefault("http.filename", "");
    if (name.contains("/") || name.contains("\0") || name.equals(".") || name.equals("..")) {
      throw new BuildException(
          Code.INVALID, "http.filename '" + name + "': want a name without a directory");
    }
    return new FilePlace(
        name,
        number(request, "http.perm", USUAL_MODE) & PERMISSIONS,
        number(request, "http.uid", 0),
        number(request, "http.gid", 0));
  }

  /** As Go writes numbers: {@code 0644} and {@code 0o644} are octal, {@code 0x1a4} is hex. */
  private static int number(SourceRequest request, String attr, int usual) {
    String text = request.attrs().getOrDefault(attr, "");
    if (text.isEmpty()) {
      return usual;
    }
    try {
      return (int) Long.decode(text.startsWith("0o") ? "0" + text.substring(2) : text).longValue();
    } catch (NumberFormatException e) {
      throw new BuildException(Code.INVALID, attr + ": want a number, got '" + text + "'", e);
    }
  }

  /** With a name, unless the build gives one. */
  public FilePlace named(String other) {
    return name.isEmpty() ? new FilePlace(other, mode, uid, gid) : this;
  }

  /**
   * Key of a layer with one file.
   *
   * @param content the file's digest in any form
   * @param modifiedMillis 0 when not known
   */
  public Digest key(String content, long modifiedMillis) {
    return Bytes.utf8(
            String.join(
                "\0",
                "jbuild.http.v1",
                content,
                name,
                Integer.toString(mode),
                Integer.toString(uid),
                Integer.toString(gid),
                Long.toString(modifiedMillis)))
        .digest();
  }

  /** Gives a file what it is to have. */
  public void describe(Kernel kernel, Path file, long modifiedMillis) throws IOException {
    var metadata = new Metadata(uid, gid, mode, modifiedMillis * NANOS_PER_MILLI, Map.of());
    new NodeWriter(kernel).apply(metadata, FileStat.REGULAR, file);
  }
}
