package dev.jbuild.oci;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Where a blob is and what it is. Source: OCI image-spec, descriptor.md.
 *
 * @param sizeBytes length of the blob, not negative
 * @param urls other places to fetch it from, for foreign layers
 * @param annotations sorted by key
 * @param data the blob itself when it is inline
 * @param platform only in an index
 * @param artifactType or empty
 */
public record Descriptor(
    MediaType mediaType,
    Digest digest,
    long sizeBytes,
    List<String> urls,
    Map<String, String> annotations,
    @Nullable Bytes data,
    @Nullable Platform platform,
    String artifactType) {

  public Descriptor {
    if (sizeBytes < 0) {
      throw new IllegalArgumentException("descriptor: size is negative: " + sizeBytes);
    }
    urls = List.copyOf(urls);
    annotations = Collections.unmodifiableMap(new TreeMap<>(annotations));
  }

  public Descriptor(MediaType mediaType, Digest digest, long sizeBytes) {
    this(mediaType, digest, sizeBytes, List.of(), Map.of(), null, null, "");
  }

  /** The descriptor of a blob that is at hand. */
  public static Descriptor of(MediaType mediaType, Bytes blob) {
    return new Descriptor(mediaType, blob.digest(), blob.size());
  }

  public Descriptor withMediaType(MediaType type) {
    return new Descriptor(type, digest, sizeBytes, urls, annotations, data, platform, artifactType);
  }

  /** These annotations in place of the present ones. */
  public Descriptor withAnnotations(Map<String, String> values) {
    return new Descriptor(mediaType, digest, sizeBytes, urls, values, data, platform, artifactType);
  }

  public Descriptor withPlatform(@Nullable Platform value) {
    return new Descriptor(
        mediaType, digest, sizeBytes, urls, annotations, data, value, artifactType);
  }
}
