package dev.jbuild.cli;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The text of a metadata file: values that are JSON objects in base64 are shown as objects. */
final class MetadataJson {
  private MetadataJson() {}

  static String of(Map<String, String> response) {
    var mapper = JsonMapper.builder().build();
    var root = mapper.createObjectNode();
    new TreeMap<>(response)
        .forEach(
            (key, value) -> {
              JsonNode object = object(mapper, value);
              if (object == null) {
                root.put(key, value);
              } else {
                root.set(key, object);
              }
            });
    return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
  }

  private static @Nullable JsonNode object(JsonMapper mapper, String value) {
    try {
      byte[] decoded = Base64.getDecoder().decode(value);
      JsonNode node = mapper.readTree(new String(decoded, StandardCharsets.UTF_8));
      return node.isObject() && !node.isEmpty() ? node : null;
    } catch (IllegalArgumentException | JacksonException e) {
      return null;
    }
  }
}
