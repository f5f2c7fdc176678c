package dev.jbuild.cli;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** The text of a metadata file: values that are JSON objects in base64 are shown as objects. */
final class MetadataJson {
  private MetadataJson() {}

  static String of(Map<String, String> response) {
    var members = new LinkedHashMap<String, Json>();
    new TreeMap<>(response).forEach((key, value) -> members.put(key, value(value)));
    return JsonText.indented(new Json.Obj(members)) + "\n";
  }

  private static Json value(String text) {
    try {
      Json decoded = JsonText.parse(Bytes.copyOf(Base64.getDecoder().decode(text)));
      if (decoded instanceof Json.Obj object && !object.members().isEmpty()) {
        return object;
      }
    } catch (IllegalArgumentException | OciFormatException e) {
      // Most values are plain text.
    }
    return new Json.Text(text);
  }
}
