package dev.jbuild.diff;

import dev.jbuild.content.ContentStore;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerUnpacker;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.Whiteouts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Path;

/** Unpacks layer blobs of the content store. Thread-safe. */
public final class BlobUnpacker implements LayerUnpacker {
  private final ContentStore content;
  private final LayerApplier applier;
  private final Kernel kernel;
  private final Whiteouts whiteouts;

  public BlobUnpacker(
      ContentStore content, LayerApplier applier, Kernel kernel, Whiteouts whiteouts) {
    this.content = content;
    this.applier = applier;
    this.kernel = kernel;
    this.whiteouts = whiteouts;
  }

  @Override
  public Unpacked unpack(Descriptor blob, Path directory) throws IOException {
    LayerApplier.Applied applied;
    try (InputStream in = Channels.newInputStream(content.open(blob.digest()))) {
      applied = applier.apply(in, directory);
    }
    return new Unpacked() {
      @Override
      public Digest diffId() {
        return applied.diffId();
      }

      @Override
      public void fit(MergedTree lower) throws IOException {
        new LayerFit(directory, lower, kernel, whiteouts).fit(applied.implicitDirectories());
      }
    };
  }
}
