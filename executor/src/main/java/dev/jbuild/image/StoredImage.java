package dev.jbuild.image;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.snapshot.LayerId;
import java.time.Instant;
import java.util.List;

/**
 * What a name stands for in the store.
 *
 * @param name with a tag, without a digest
 * @param root the manifest, or the index of several
 * @param stored when the name was given
 * @param variants one a platform, at least one
 */
public record StoredImage(ImageRef name, Descriptor root, Instant stored, List<Variant> variants) {

  public StoredImage {
    variants = List.copyOf(variants);
    if (variants.isEmpty()) {
      throw new IllegalArgumentException(
          "stored image: want at least one variant for '" + name + "'");
    }
    if (name.tag() == null || name.digest() != null) {
      throw new IllegalArgumentException(
          "stored image: want a tag and no digest, got '" + name + "'");
    }
  }

  /**
   * The image for one platform.
   *
   * @param manifest its descriptor; a layer's blob may still have to be made
   * @param config JSON, complete; its digest is the image's id
   * @param layers the file system, base first, one for each {@code diff_ids} of the config
   * @param sizeBytes of the layers as the manifest lists them
   */
  public record Variant(
      Platform platform, Descriptor manifest, Bytes config, List<LayerId> layers, long sizeBytes) {
    public Variant {
      layers = List.copyOf(layers);
    }

    /** What {@code jbuild images} and {@code --iidfile} show. */
    public Digest id() {
      return config.digest();
    }
  }
}
