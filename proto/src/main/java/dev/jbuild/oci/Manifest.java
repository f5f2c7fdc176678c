package dev.jbuild.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The manifest of one image or artifact. Its digest is taken over the bytes it was received or
 * first written as, never over a second writing. Source: OCI image-spec, manifest.md.
 *
 * @param artifactType or empty
 * @param layers base first
 * @param subject the manifest this one is about
 */
public record Manifest(
    MediaType mediaType,
    String artifactType,
    Descriptor config,
    List<Descriptor> layers,
    @Nullable Descriptor subject,
    Map<String, String> annotations)
    implements OciDocument {

  public Manifest {
    layers = List.copyOf(layers);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }

  public Manifest(MediaType mediaType, Descriptor config, List<Descriptor> layers) {
    this(mediaType, "", config, layers, null, Map.of());
  }
}
