package dev.jbuild.diff;

import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.Set;

/**
 * Unpacks a layer's tar into a directory of differences, without the layers below: layers can be
 * unpacked side by side, and what a whiteout hides need not be there. Stateless; safe for use by
 * several threads. Source: OCI image-spec, layer.md, "Applying Changesets".
 */
public final class LayerApplier {
  private final Kernel kernel;
  private final Whiteouts whiteouts;
  private final UnpackLimits limits;

  public LayerApplier(Kernel kernel, Whiteouts whiteouts, UnpackLimits limits) {
    this.kernel = kernel;
    this.whiteouts = whiteouts;
    this.limits = limits;
  }

  /**
   * What was unpacked.
   *
   * @param diffId digest of the whole decompressed stream, padding after the end marker included
   * @param implicitDirectories directories that the tar had no entry for, the root as {@code ""}:
   *     made 0755, owned by root; their metadata is that of the layers below, see {@link
   *     ImplicitDirectories}
   */
  public record Applied(Digest diffId, Set<String> implicitDirectories) {
    public Applied {
      implicitDirectories = Set.copyOf(implicitDirectories);
    }
  }

  /**
   * Unpacks into an empty directory. What was unpacked before a failure stays for the caller to
   * remove.
   *
   * @param blob compressed in any way; read to its end, not closed
   * @throws IOException {@link TarException} or a cut-off stream, with the entry's name
   */
  public Applied apply(InputStream blob, Path directory) throws IOException {
    MessageDigest hash = Digest.sha256();
    var tar = new DigestInputStream(Decompression.open(blob), hash);
    var reader = new TarReader(tar);
    var target = new LayerTarget(directory, kernel, whiteouts);
    long bytes = 0;
    long entries = 0;
    for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
      if (Thread.interrupted()) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while unpacking");
      }
      bytes += entry.sizeBytes();
      entries++;
      if (bytes > limits.maxBytes() || entries > limits.maxEntries()) {
        throw limits.exceeded(entry.name());
      }
      target.add(entry, reader);
    }
    target.finish();
    tar.transferTo(OutputStream.nullOutputStream());
    return new Applied(Digest.ofHash(hash.digest()), target.implicitDirectories());
  }
}
