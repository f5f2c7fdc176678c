package dev.jbuild.daemon.gateway;

import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The caches that a frontend's options name: {@code [{"Type":"registry","Attrs":{"ref":".."}}]}.
 * Source: reference dockerfile-frontend-opts, "cache-imports".
 */
final class CacheImports {
  private static final String OPTION = "cache-imports";

  private CacheImports() {}

  /** What users call them; of a malformed list the list itself. */
  static List<String> named(Map<String, String> options) {
    String text = options.getOrDefault(OPTION, "");
    if (text.isEmpty()) {
      return List.of();
    }
    var names = new ArrayList<String>();
    try {
      if (JsonText.parse(text) instanceof Json.Arr list) {
        list.items().forEach(item -> names.add(name(item)));
      }
    } catch (OciFormatException e) {
      names.add(text);
    }
    return names;
  }

  private static String name(Json item) {
    String ref = text(member(member(item, "Attrs", "attrs"), "ref", "ref"));
    return ref.isEmpty() ? text(member(item, "Type", "type")) : ref;
  }

  private static Json member(Json json, String name, String other) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, object.members().getOrDefault(other, new Json.Null()))
        : new Json.Null();
  }

  private static String text(Json json) {
    return json instanceof Json.Text text ? text.value() : "";
  }
}
