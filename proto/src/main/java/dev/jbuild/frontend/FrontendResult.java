package dev.jbuild.frontend;

import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a frontend made: one graph a platform; none where it answers a question ({@code requestid}).
 *
 * @param multiPlatform whether the client asked for an index even of one platform
 * @param metadata further result metadata by wire name
 */
public record FrontendResult(
    List<PlatformResult> results, boolean multiPlatform, Map<String, Bytes> metadata) {

  public FrontendResult {
    results = List.copyOf(results);
    metadata = Map.copyOf(metadata);
  }

  /**
   * @param root null for an empty root file system
   * @param imageConfig JSON of the OCI image config; {@code rootfs.diff_ids} is filled by the
   *     exporter
   * @param baseConfig JSON of the base image's config, null for scratch
   */
  public record PlatformResult(
      Platform platform,
      OpNode.@Nullable Output root,
      Bytes imageConfig,
      @Nullable Bytes baseConfig) {}
}
