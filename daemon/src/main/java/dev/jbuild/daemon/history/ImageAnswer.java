package dev.jbuild.daemon.history;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.json.DescriptorJson;
import dev.jbuild.oci.json.OciFormatException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** The image among what exporters answer. Source: reference wire-control, section 4. */
public final class ImageAnswer {
  private ImageAnswer() {}

  /** The top manifest or index that a build made, where it made one. */
  public static Optional<Descriptor> of(BuildRecord record) {
    String encoded = record.response().getOrDefault("containerimage.descriptor", "");
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] json = Base64.getDecoder().decode(encoded.getBytes(StandardCharsets.UTF_8));
      return Optional.of(DescriptorJson.read(Bytes.copyOf(json)));
    } catch (IllegalArgumentException | OciFormatException e) {
      return Optional.empty();
    }
  }
}
