package dev.jbuild.export;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.DocumentJson;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.TreeMap;

/** The small files of an OCI layout and of Docker's archive. Source: OCI facts, section 5. */
final class LayoutFiles {
  static final String NAME = "io.containerd.image.name";
  static final String REF_NAME = "org.opencontainers.image.ref.name";
  static final Bytes MARKER = Bytes.utf8("{\"imageLayoutVersion\":\"1.0.0\"}");

  private LayoutFiles() {}

  /** Entries of {@code index.json}: one a name, or one without. */
  static List<Descriptor> entries(Descriptor root, List<ImageRef> names) {
    if (names.isEmpty()) {
      return List.of(root);
    }
    var entries = new ArrayList<Descriptor>();
    for (ImageRef name : names) {
      var annotations = new TreeMap<>(root.annotations());
      annotations.put(NAME, name.toString());
      String tag = name.tag();
      if (tag != null) {
        annotations.put(REF_NAME, tag);
      }
      entries.add(root.withAnnotations(annotations));
    }
    return entries;
  }

  static Bytes index(List<Descriptor> entries) {
    return DocumentJson.write(new Index(MediaType.OCI_INDEX, entries));
  }

  /** What {@code docker load} reads. */
  static Bytes dockerManifest(WrittenImage image) {
    WrittenImage.Variant variant = image.variants().getFirst();
    List<Json> layers = new ArrayList<>();
    for (Descriptor layer : variant.layers()) {
      layers.add(new Json.Text("blobs/sha256/" + layer.digest().hex()));
    }
    List<Json> tags = new ArrayList<>();
    for (ImageRef name : image.names()) {
      tags.add(new Json.Text(name.familiar()));
    }
    var members = new LinkedHashMap<String, Json>();
    members.put("Config", new Json.Text("blobs/sha256/" + variant.config().digest().hex()));
    members.put("RepoTags", tags.isEmpty() ? new Json.Null() : new Json.Arr(tags));
    members.put("Layers", new Json.Arr(layers));
    return Bytes.utf8(JsonText.compact(new Json.Arr(List.of(new Json.Obj(members)))));
  }
}
