package dev.jbuild.dockerfile.remote;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A build context that is not on the client's disk. Source: dockerfile-frontend-opts.md, section 1.
 *
 * @param files the op whose result it is
 * @param isDockerfile whether it is one file named {@link #FILENAME}, which is the Dockerfile
 */
public record RemoteContext(OpNode.Output files, boolean isDockerfile) {
  /** What a context that is one file is called. */
  public static final String FILENAME = "context";

  private static final String COMMIT_TIMES = "commit";
  private static final int HEAD_BYTES = 1024;
  private static final int TAR_MAGIC_AT = 257;

  /**
   * Finds out what a URL names. A URL of a file is loaded for it.
   *
   * @param dated whether files of a commit have its time, unless the URL says which they have
   * @throws BuildException INVALID for one that cannot be read, NOT_FOUND for one without content
   */
  public static RemoteContext of(
      String url, boolean keepGitDir, boolean dated, FrontendBridge bridge)
      throws InterruptedException {
    GitAddress address;
    try {
      address = GitAddressReader.readContext(url);
    } catch (IllegalArgumentException e) {
      throw new BuildException(
          Code.INVALID, "option 'context': " + e.getMessage() + " in '" + url + "'", e);
    }
    if (address != null) {
      GitAddress kept = keepGitDir ? address.with(true, "") : address;
      if (dated && kept.mtime().isEmpty()) {
        kept = kept.withTimes(COMMIT_TIMES);
      }
      return new RemoteContext(
          output(RemoteOps.git(kept), "[internal] load git source " + url), false);
    }
    OpNode.Output file =
        output(RemoteOps.http(url, FILENAME, ""), "[internal] load remote build context");
    Optional<Bytes> head = bridge.readHead(file, FILENAME, HEAD_BYTES);
    if (head.isEmpty()) {
      throw new BuildException(
          Code.NOT_FOUND, "option 'context': there is nothing at '" + url + "'");
    }
    return isArchive(head.get().toArray())
        ? new RemoteContext(unpacked(file), false)
        : new RemoteContext(file, true);
  }

  /**
   * When the commit was made, or the file changed as its server says, or else the newest file of
   * the archive; null where nothing of it is known, and for what is not on the net.
   */
  public static @Nullable Instant time(String url, FrontendBridge bridge)
      throws InterruptedException {
    GitAddress address;
    try {
      address = GitAddressReader.readContext(url);
    } catch (IllegalArgumentException e) {
      return null; // said where it is loaded
    }
    String name = "[internal] find the time of " + url;
    if (address != null) {
      return bridge
          .newest(output(RemoteOps.git(address.withTimes(COMMIT_TIMES)), name))
          .orElse(null);
    }
    if (!RemoteOps.isHttp(url)) {
      return null;
    }
    OpNode.Output file = output(RemoteOps.http(url, FILENAME, ""), name);
    Instant changed = bridge.newest(file).orElse(Instant.EPOCH);
    if (changed.isAfter(Instant.EPOCH)) {
      return changed;
    }
    Optional<Bytes> head = bridge.readHead(file, FILENAME, HEAD_BYTES);
    return head.isPresent() && isArchive(head.get().toArray())
        ? bridge.newest(unpacked(file)).orElse(null)
        : null;
  }

  /** A repository or file that a named context is. Throws as {@link #of}, without a place. */
  public static OpNode.Output named(String name, String url) {
    GitAddress address;
    try {
      address = GitAddressReader.read(url);
    } catch (IllegalArgumentException e) {
      throw new BuildException(
          Code.INVALID, "context '" + name + "': " + e.getMessage() + " in '" + url + "'", e);
    }
    if (address == null && !RemoteOps.isHttp(url)) {
      throw new BuildException(
          Code.INVALID, "context '" + name + "': '" + url + "' is no git repository");
    }
    LlbOp.SourceOp op =
        address == null ? RemoteOps.http(url, FILENAME, "") : RemoteOps.git(address);
    return output(op, "[context " + name + "] load " + url);
  }

  private static OpNode.Output output(LlbOp op, String name) {
    return new OpNode(op, List.of(), null, OpMetadata.named(name), List.of()).output(0);
  }

  private static OpNode.Output unpacked(OpNode.Output file) {
    var copy =
        new FileAction.Copy(
            "/" + FILENAME,
            "/",
            null,
            -1,
            false,
            false,
            true,
            false,
            false,
            false,
            -1,
            List.of(),
            List.of(),
            false,
            "",
            List.of());
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, 0, 0, copy)));
    var metadata = OpMetadata.named("[internal] unpack remote build context");
    return new OpNode(op, List.of(file), null, metadata, List.of()).output(0);
  }

  /** A tar, plain or packed: gzip, bzip2, xz, zstd. */
  private static boolean isArchive(byte[] head) {
    String start = new String(head, StandardCharsets.ISO_8859_1);
    return start.startsWith("\u001f\u008b\b")
        || start.startsWith("BZh")
        || start.startsWith("\u00fd7zXZ\0")
        || start.startsWith("(\u00b5/\u00fd")
        || start.startsWith("ustar", TAR_MAGIC_AT);
  }
}
