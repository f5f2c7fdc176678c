package dev.jbuild.registry;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads the small documents of the protocol. Loaded at the first one. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  /**
   * The document.
   *
   * @throws tools.jackson.core.JacksonException when it is none
   */
  static JsonNode read(byte[] bytes) {
    return MAPPER.readTree(bytes);
  }
}
