package dev.jbuild.source.blob;

import dev.jbuild.content.ContentStore;
import dev.jbuild.content.DiskFull;
import dev.jbuild.linux.Kernel;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.source.FilePlace;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.blob.BlobPlaces.NamedBlob;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Layers with one blob as their file, which is from the epoch. Safe for use by several threads.
 *
 * @param content where blobs are brought first
 */
public record BlobFiles(ContentStore content, MadeLayers layers, Kernel kernel) {

  /** What the layer is found by. */
  static Digest key(NamedBlob blob, FilePlace place) {
    return place.key(blob.digest().toString(), 0);
  }

  /** The layer; it is made, and the blob asked for, only when it is not there. */
  LayerId layer(NamedBlob blob, FilePlace place, TransferProgress progress)
      throws IOException, InterruptedException {
    Optional<LayerId> there = layers.find(key(blob, place));
    return there.isPresent()
        ? there.get()
        : layers.make(
            directory -> {
              blob.bring(content, progress);
              write(blob.digest(), directory.resolve(place.name()));
              place.describe(kernel, directory.resolve(place.name()), 0);
              return key(blob, place);
            });
  }

  private void write(Digest blob, Path file) throws IOException {
    try (var in = Channels.newInputStream(content.open(blob))) {
      Files.copy(in, file);
    } catch (IOException e) {
      throw DiskFull.orSame(file, e);
    }
  }
}
