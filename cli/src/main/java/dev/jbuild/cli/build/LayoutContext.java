package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** An OCI layout directory as a named context: {@code oci-layout://DIR[:tag][@digest]}. */
record LayoutContext(Path directory) {
  private static final String SCHEME = "oci-layout://";

  void add(String name, String target, Map<String, String> attrs, Map<String, Path> layouts) {
    String rest = target.substring(SCHEME.length());
    int at = rest.indexOf('@');
    int colon = rest.lastIndexOf(':', at < 0 ? rest.length() : at);
    int cut = at < 0 ? rest.length() : at;
    if (colon > rest.lastIndexOf('/', cut)) {
      cut = colon;
    }
    Path layout = directory.resolve(rest.substring(0, cut)).normalize();
    if (!Files.isRegularFile(layout.resolve("oci-layout"))) {
      throw new BuildException(
          Code.NOT_FOUND,
          "--build-context " + name + "=" + target + ": '" + layout + "' is not an OCI layout");
    }
    String tag = colon == cut ? rest.substring(colon + 1, at < 0 ? rest.length() : at) : "";
    String digest = at < 0 ? digest(layout, tag) : rest.substring(at + 1);
    String store = "layout-" + name;
    layouts.put(store, layout);
    attrs.put("context:" + name, SCHEME + store + "@" + digest);
  }

  /** The manifest of a tag; without a tag the only one, else the one that is tagged latest. */
  private static String digest(Path layout, String tag) {
    Path file = layout.resolve("index.json");
    Json index;
    try {
      index = JsonText.parse(Bytes.copyOf(Files.readAllBytes(file)));
    } catch (IOException e) {
      throw new BuildException(Code.INVALID, "'" + file + "' can not be read: " + e, e);
    }
    List<Json> manifests =
        member(index, "manifests") instanceof Json.Arr array ? array.items() : List.of();
    String wanted = tag.isEmpty() ? "latest" : tag;
    for (Json manifest : manifests) {
      Json name = member(member(manifest, "annotations"), "org.opencontainers.image.ref.name");
      if (text(name).equals(wanted) || text(name).endsWith(":" + wanted)) {
        return text(member(manifest, "digest"));
      }
    }
    if (tag.isEmpty() && manifests.size() == 1) {
      return text(member(manifests.get(0), "digest"));
    }
    throw new BuildException(
        Code.NOT_FOUND,
        "'" + layout + "' has no image of tag '" + wanted + "' among its " + manifests.size());
  }

  private static Json member(Json json, String name) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, new Json.Null())
        : new Json.Null();
  }

  private static String text(Json json) {
    return json instanceof Json.Text text ? text.value() : "";
  }
}
