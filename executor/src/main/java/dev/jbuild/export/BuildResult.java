package dev.jbuild.export;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import dev.jbuild.snapshot.Snapshot;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a build made, ready to be exported.
 *
 * @param images one a platform, in order; none where the frontend answered a question instead
 * @param multiPlatform whether the client asked for an index even of one platform
 * @param metadata of the result, by wire names
 */
public record BuildResult(
    List<PlatformImage> images, boolean multiPlatform, Map<String, Bytes> metadata) {
  public BuildResult {
    images = List.copyOf(images);
    metadata = Map.copyOf(metadata);
  }

  /**
   * The image of one platform.
   *
   * @param config JSON as the frontend gave it; empty for none
   * @param baseConfig JSON of the image it was built from; null for scratch
   */
  public record PlatformImage(
      Platform platform, Snapshot snapshot, Bytes config, @Nullable Bytes baseConfig) {}
}
