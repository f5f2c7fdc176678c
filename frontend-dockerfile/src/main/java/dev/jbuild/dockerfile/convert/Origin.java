package dev.jbuild.dockerfile.convert;

import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.ImageConfig;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a stage starts or what COPY --from names, found: an image, a named context, or nothing.
 *
 * @param config what a stage on it starts with
 * @param received the config as it was read, null where there is none
 * @param used what steps look at; matters to local contexts
 */
record Origin(
    Content content,
    ImageConfig config,
    @Nullable Bytes received,
    Platform platform,
    UsedPaths used) {

  /** The files. */
  sealed interface Content {}

  /** None. */
  record Empty() implements Content {}

  /** An image: identifier and attributes of its source op. The name is shown without prefix. */
  record Image(SourceSpec source) implements Content {}

  /** A local source of the client, whose op depends on the paths used. */
  record Local(LocalSource source) implements Content {}

  /** The result of a graph that the client gave. */
  record Given(OpNode.Output output) implements Content {}

  /**
   * A source op in the making.
   *
   * @param name of the vertex
   * @param numbered whether the name gets a number of the stage that starts with it
   */
  record SourceSpec(String identifier, Map<String, String> attrs, String name, boolean numbered) {
    public SourceSpec {
      attrs = Map.copyOf(attrs);
    }
  }

  /** A local source in the making. */
  record LocalSource(String local, String sharedKeyHint, List<String> excludes, String name) {
    public LocalSource {
      excludes = List.copyOf(excludes);
    }
  }
}
