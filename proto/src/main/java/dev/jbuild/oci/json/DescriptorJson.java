package dev.jbuild.oci.json;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Descriptors as JSON. Source: OCI image-spec, descriptor.md. */
public final class DescriptorJson {
  private DescriptorJson() {}

  /** Reads a document that is one descriptor. */
  public static Descriptor read(Bytes json) throws OciFormatException {
    return read(Fields.of(JsonText.parse(json)));
  }

  /** Writes it in compact form. */
  public static Bytes write(Descriptor descriptor) {
    return Bytes.utf8(JsonText.compact(json(descriptor)));
  }

  static Descriptor read(Fields fields) throws OciFormatException {
    if (fields.text("mediaType").isEmpty()) {
      throw fields.missing("mediaType");
    }
    if (!fields.has("size")) {
      throw fields.missing("size");
    }
    Digest digest = fields.digest("digest");
    long size = fields.integer("size");
    Fields platform = fields.object("platform");
    try {
      return new Descriptor(
          new MediaType(fields.text("mediaType")),
          digest,
          size,
          fields.texts("urls"),
          fields.textMap("annotations"),
          data(fields, digest, size),
          platform == null ? null : PlatformJson.read(platform),
          fields.text("artifactType"));
    } catch (IllegalArgumentException e) {
      throw fields.malformed("size", "is negative: " + size, e);
    }
  }

  /** Inline content is refused when it is not what the descriptor says. */
  private static @Nullable Bytes data(Fields fields, Digest digest, long size)
      throws OciFormatException {
    if (!fields.has("data")) {
      return null;
    }
    Bytes data;
    try {
      data = Bytes.copyOf(Base64.getDecoder().decode(fields.text("data")));
    } catch (IllegalArgumentException e) {
      throw fields.malformed("data", "is not base64", e);
    }
    if (data.size() != size || !data.digest().equals(digest)) {
      throw fields.malformed("data", "does not match the descriptor's size and digest", null);
    }
    return data;
  }

  static Json json(Descriptor descriptor) {
    var members =
        new Members()
            .put("mediaType", new Json.Text(descriptor.mediaType().value()))
            .put("digest", new Json.Text(descriptor.digest().toString()))
            .put("size", new Json.Num(Long.toString(descriptor.sizeBytes())))
            .texts("urls", descriptor.urls())
            .textMap("annotations", descriptor.annotations());
    Bytes data = descriptor.data();
    if (data != null) {
      members.put("data", new Json.Text(Base64.getEncoder().encodeToString(data.toArray())));
    }
    Platform platform = descriptor.platform();
    if (platform != null) {
      members.put("platform", PlatformJson.write(platform).inOrder());
    }
    return members.text("artifactType", descriptor.artifactType()).inOrder();
  }

  static Json json(List<Descriptor> descriptors) {
    List<Json> items = new ArrayList<>();
    for (Descriptor descriptor : descriptors) {
      items.add(json(descriptor));
    }
    return new Json.Arr(items);
  }

  static List<Descriptor> readAll(Fields fields, String name) throws OciFormatException {
    var found = new ArrayList<Descriptor>();
    for (Fields item : fields.objects(name)) {
      found.add(read(item));
    }
    return found;
  }
}
