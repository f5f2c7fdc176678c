package dev.jbuild.export;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An image whose documents are written.
 *
 * @param root the manifest, or the index of several; with annotations for {@code index.json}
 * @param documents all of them by digest: index, manifests, configs
 */
public record WrittenImage(
    Descriptor root, List<ImageRef> names, List<Variant> variants, Map<Digest, Bytes> documents) {

  public WrittenImage {
    names = List.copyOf(names);
    variants = List.copyOf(variants);
    documents = Map.copyOf(documents);
  }

  /**
   * The image of one platform.
   *
   * @param config complete
   * @param layers base first
   * @param origins of those layers that came from somewhere, by digest, as the catalog names them
   */
  public record Variant(
      Platform platform,
      Descriptor manifest,
      Bytes config,
      List<Descriptor> layers,
      Map<Digest, String> origins,
      BuildResult.PlatformImage from) {
    public Variant {
      layers = List.copyOf(layers);
      origins = Map.copyOf(origins);
    }
  }

  /** Digests and lengths of all blobs: documents and layers, sorted by hex digits. */
  public Map<String, Long> blobs() {
    var blobs = new TreeMap<String, Long>();
    documents.forEach((digest, bytes) -> blobs.put(digest.hex(), (long) bytes.size()));
    for (Variant variant : variants) {
      variant.layers.forEach(layer -> blobs.put(layer.digest().hex(), layer.sizeBytes()));
    }
    return Collections.unmodifiableMap(blobs);
  }
}
