package dev.jbuild.daemon.gateway;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The platforms of a result, by their ids: {@code {"Platforms":[{"ID":..,"Platform":{..}}]}}.
 * Source: reference dockerfile-frontend-opts, section 6.
 */
final class PlatformList {
  private PlatformList() {}

  static Bytes write(Map<String, Platform> platforms) {
    var items = new ArrayList<Json>();
    platforms.forEach(
        (id, platform) -> {
          var members = new LinkedHashMap<String, Json>();
          members.put("architecture", new Json.Text(platform.architecture()));
          members.put("os", new Json.Text(platform.os()));
          if (!platform.osVersion().isEmpty()) {
            members.put("os.version", new Json.Text(platform.osVersion()));
          }
          if (!platform.variant().isEmpty()) {
            members.put("variant", new Json.Text(platform.variant()));
          }
          var item = new LinkedHashMap<String, Json>();
          item.put("ID", new Json.Text(id));
          item.put("Platform", new Json.Obj(members));
          items.add(new Json.Obj(item));
        });
    return Bytes.utf8(JsonText.compact(new Json.Obj(Map.of("Platforms", new Json.Arr(items)))));
  }

  /**
   * Reads the list; its order stays.
   *
   * @throws BuildException INVALID when it is malformed or names a platform twice
   */
  static Map<String, Platform> read(Bytes json) {
    Json list;
    try {
      list = JsonText.parse(json);
    } catch (OciFormatException e) {
      throw invalid("is malformed: " + e.getMessage());
    }
    var platforms = new LinkedHashMap<String, Platform>();
    if (member(list, "Platforms") instanceof Json.Arr array) {
      for (Json item : array.items()) {
        String id = text(item, "ID");
        Json platform = member(item, "Platform");
        var read =
            new Platform(
                text(platform, "os"),
                text(platform, "architecture"),
                text(platform, "variant"),
                text(platform, "os.version"),
                List.of());
        if (id.isEmpty() || platforms.put(id, read) != null) {
          throw invalid("has a platform without an id of its own, '" + id + "'");
        }
      }
    }
    return platforms;
  }

  /** Platforms that have only ids. */
  static Map<String, Platform> ofIds(Set<String> ids, Platform fallback) {
    var platforms = new LinkedHashMap<String, Platform>();
    for (String id : ids) {
      try {
        platforms.put(id, Platform.parse(id, fallback));
      } catch (IllegalArgumentException e) {
        throw invalid("is not there, and the ref '" + id + "' names no platform");
      }
    }
    return platforms;
  }

  /** What an image's config says that it runs on. */
  static Platform ofConfig(@Nullable Bytes config, Platform fallback) {
    if (config == null) {
      return fallback;
    }
    try {
      Json json = JsonText.parse(config);
      String os = text(json, "os");
      String architecture = text(json, "architecture");
      return os.isEmpty() || architecture.isEmpty()
          ? fallback
          : new Platform(os, architecture, text(json, "variant")).normalized();
    } catch (OciFormatException e) {
      // Exporters read it too, and say what is wrong with it.
      return fallback;
    }
  }

  private static Json member(Json json, String name) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, new Json.Null())
        : new Json.Null();
  }

  private static String text(Json json, String name) {
    return member(json, name) instanceof Json.Text text ? text.value() : "";
  }

  private static BuildException invalid(String problem) {
    return new BuildException(Code.INVALID, "return: the metadata 'refs.platforms' " + problem);
  }
}
