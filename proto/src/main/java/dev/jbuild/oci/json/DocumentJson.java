package dev.jbuild.oci.json;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.OciDocument;
import org.jspecify.annotations.Nullable;

/**
 * Manifests and indexes as JSON. Documents that are received are kept as bytes and never written
 * again, since their digest is that of the bytes. Source: OCI image-spec, manifest.md and
 * image-index.md; OCI facts, "JSON documents".
 */
public final class DocumentJson {
  private DocumentJson() {}

  /**
   * Reads a manifest or an index. A document without {@code mediaType} is told by its members; one
   * that has the members of both is refused.
   */
  public static OciDocument read(Bytes json) throws OciFormatException {
    Fields fields = Fields.of(JsonText.parse(json));
    long version = fields.integer("schemaVersion");
    if (version != 2) {
      throw new OciFormatException(
          "schemaVersion: want 2, got "
              + version
              + (version == 1 ? ", Docker's schema 1 is not supported" : ""));
    }
    boolean listsManifests = fields.has("manifests");
    boolean listsLayers = fields.has("layers") || fields.has("config");
    if (listsManifests && listsLayers) {
      throw new OciFormatException("has both 'manifests' and 'layers' or 'config'");
    }
    String named = fields.text("mediaType");
    MediaType type =
        named.isEmpty()
            ? listsManifests ? MediaType.OCI_INDEX : MediaType.OCI_MANIFEST
            : new MediaType(named);
    return switch (type.kind()) {
      case INDEX -> {
        if (listsLayers) {
          throw new OciFormatException("has 'layers' or 'config' although it is an index");
        }
        yield new Index(
            type,
            fields.text("artifactType"),
            DescriptorJson.readAll(fields, "manifests"),
            subject(fields),
            fields.textMap("annotations"));
      }
      case MANIFEST -> readManifest(type, fields);
      case CONFIG, LAYER, OTHER ->
          throw new OciFormatException("mediaType: '" + named + "' is no manifest or index");
    };
  }

  /** Reads a manifest; an index is refused. */
  public static Manifest readManifest(Bytes json) throws OciFormatException {
    if (read(json) instanceof Manifest manifest) {
      return manifest;
    }
    throw new OciFormatException("is an index, want a manifest");
  }

  /** Reads an index; a manifest is refused. */
  public static Index readIndex(Bytes json) throws OciFormatException {
    if (read(json) instanceof Index index) {
      return index;
    }
    throw new OciFormatException("is a manifest, want an index");
  }

  private static Manifest readManifest(MediaType type, Fields fields) throws OciFormatException {
    if (fields.has("manifests")) {
      throw new OciFormatException("has 'manifests' although it is a manifest");
    }
    Fields config = fields.object("config");
    if (config == null) {
      throw fields.missing("config");
    }
    return new Manifest(
        type,
        fields.text("artifactType"),
        DescriptorJson.read(config),
        DescriptorJson.readAll(fields, "layers"),
        subject(fields),
        fields.textMap("annotations"));
  }

  private static @Nullable Descriptor subject(Fields fields) throws OciFormatException {
    Fields subject = fields.object("subject");
    return subject == null ? null : DescriptorJson.read(subject);
  }

  /** Writes a new document, indented by two spaces. Its digest is that of these bytes. */
  public static Bytes write(OciDocument document) {
    var members =
        new Members()
            .put("schemaVersion", new Json.Num("2"))
            .put("mediaType", new Json.Text(document.mediaType().value()))
            .text("artifactType", document.artifactType());
    Descriptor subject =
        switch (document) {
          case Manifest manifest -> {
            members
                .put("config", DescriptorJson.json(manifest.config()))
                .put("layers", DescriptorJson.json(manifest.layers()));
            yield manifest.subject();
          }
          case Index index -> {
            members.put("manifests", DescriptorJson.json(index.manifests()));
            yield index.subject();
          }
        };
    if (subject != null) {
      members.put("subject", DescriptorJson.json(subject));
    }
    return Bytes.utf8(
        JsonText.indented(members.textMap("annotations", document.annotations()).inOrder()));
  }
}
