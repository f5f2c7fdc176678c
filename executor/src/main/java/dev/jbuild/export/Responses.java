package dev.jbuild.export;

import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.json.DescriptorJson;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;

/** What clients are told of an image. Source: wire facts, "Response keys (ExporterResponse)". */
public final class Responses {
  private Responses() {}

  /** The keys for an image, and what the frontend wants to be told on. */
  public static Map<String, String> of(WrittenImage image, BuildResult result) {
    var keys = new TreeMap<>(of(result));
    keys.put("containerimage.digest", image.root().digest().toString());
    if (image.variants().size() == 1 && image.root().platform() != null) {
      keys.put(
          "containerimage.config.digest", image.variants().getFirst().config().digest().toString());
    }
    byte[] descriptor = DescriptorJson.write(image.root()).toArray();
    keys.put("containerimage.descriptor", Base64.getEncoder().encodeToString(descriptor));
    if (!image.names().isEmpty()) {
      keys.put(
          "image.name", String.join(",", image.names().stream().map(ImageRef::toString).toList()));
    }
    return keys;
  }

  /** The keys for a result that is no image. */
  public static Map<String, String> of(BuildResult result) {
    var keys = new TreeMap<String, String>();
    result
        .metadata()
        .forEach(
            (name, value) -> {
              if (name.startsWith("frontend.")) {
                keys.put(name, value.toUtf8());
              }
            });
    return keys;
  }
}
