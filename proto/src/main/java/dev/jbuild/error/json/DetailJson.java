package dev.jbuild.error.json;

import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Details as typed JSON: an exact type name and the value's bytes. Names and shapes are BuildKit's
 * where it has one (reference wire-control, section 9); clients carry unknown types along
 * untouched. Thread-safe.
 */
public final class DetailJson {
  static final String VERTEX = "github.com/moby/buildkit/errdefs.Vertex+json";
  static final String SOURCE = "github.com/moby/buildkit/errdefs.Source+json";
  static final String EXIT = "github.com/moby/buildkit/gatewayapi.ExitMessage+json";
  static final String GRANT = "dev.jbuild/error.MissingGrant+json";
  static final String CODE = "dev.jbuild/error.Code+json";

  private final JsonMapper mapper = JsonMapper.builder().build();

  /** A detail as it travels. */
  public record Typed(String typeUrl, Bytes json) {}

  /** Writes a detail. */
  public Typed write(Detail detail) {
    return switch (detail) {
      case Detail.FailedVertex vertex ->
          typed(
              VERTEX,
              json -> {
                json.writeStringProperty("digest", vertex.digest());
                if (!vertex.name().isEmpty()) {
                  json.writeStringProperty("name", vertex.name());
                }
              });
      case Detail.ProcessExit exit ->
          typed(EXIT, json -> json.writeNumberProperty("Code", exit.code()));
      case Detail.Source source -> typed(SOURCE, json -> source(json, source));
      case Detail.MissingGrant grant ->
          typed(
              GRANT,
              json -> {
                json.writeStringProperty("entitlement", grant.entitlement());
                json.writeStringProperty("side", grant.side().name());
                json.writeStringProperty("remedy", grant.remedy());
              });
    };
  }

  /** Writes the exact kind of a failure, for which gRPC's codes are too few. */
  public Typed write(Code code) {
    return typed(CODE, json -> json.writeStringProperty("code", code.name()));
  }

  /** Reads a detail; empty if its type is not known or it is malformed. */
  public Optional<Detail> read(String typeUrl, Bytes bytes) {
    Optional<JsonNode> parsed = parse(bytes);
    if (parsed.isEmpty()) {
      return Optional.empty();
    }
    JsonNode json = parsed.get();
    return switch (typeUrl) {
      case VERTEX -> Optional.of(new Detail.FailedVertex(text(json, "digest"), text(json, "name")));
      case EXIT -> Optional.of(new Detail.ProcessExit(json.path("Code").asInt(0)));
      case SOURCE -> readSource(json);
      case GRANT -> readGrant(json);
      default -> Optional.empty();
    };
  }

  /** Reads the kind of a failure; empty for other types. */
  public Optional<Code> readCode(String typeUrl, Bytes bytes) {
    if (!typeUrl.equals(CODE)) {
      return Optional.empty();
    }
    String name = parse(bytes).map(json -> text(json, "code")).orElse("");
    for (Code code : Code.values()) {
      if (code.name().equals(name)) {
        return Optional.of(code);
      }
    }
    return Optional.empty();
  }

  private interface Body {
    void write(JsonGenerator json);
  }

  private Typed typed(String typeUrl, Body body) {
    var out = new ByteArrayOutputStream();
    try (JsonGenerator json = mapper.createGenerator(out)) {
      json.writeStartObject();
      body.write(json);
      json.writeEndObject();
    }
    return new Typed(typeUrl, Bytes.copyOf(out.toByteArray()));
  }

  private static void source(JsonGenerator json, Detail.Source source) {
    json.writeObjectPropertyStart("info");
    json.writeStringProperty("filename", source.filename());
    byte[] text = source.text().getBytes(StandardCharsets.UTF_8);
    json.writeStringProperty("data", Base64.getEncoder().encodeToString(text));
    if (!source.language().isEmpty()) {
      json.writeStringProperty("language", source.language());
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("ranges");
    for (Detail.Lines lines : source.ranges()) {
      json.writeStartObject();
      position(json, "start", lines.startLine(), lines.startCharacter());
      // Clients crash when there is no end.
      position(json, "end", lines.endLine(), lines.endCharacter());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void position(JsonGenerator json, String name, int line, int character) {
    json.writeObjectPropertyStart(name);
    json.writeNumberProperty("line", line);
    if (character != 0) {
      json.writeNumberProperty("character", character);
    }
    json.writeEndObject();
  }

  private static Optional<Detail> readSource(JsonNode json) {
    JsonNode info = json.path("info");
    String text;
    try {
      byte[] data = Base64.getDecoder().decode(text(info, "data"));
      text = new String(data, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    List<Detail.Lines> ranges = new ArrayList<>();
    for (JsonNode range : json.path("ranges")) {
      JsonNode start = range.path("start");
      JsonNode end = range.path("end");
      ranges.add(
          new Detail.Lines(
              start.path("line").asInt(0),
              start.path("character").asInt(0),
              end.path("line").asInt(0),
              end.path("character").asInt(0)));
    }
    return Optional.of(
        new Detail.Source(text(info, "filename"), text, text(info, "language"), ranges));
  }

  private static Optional<Detail> readGrant(JsonNode json) {
    for (Detail.Side side : Detail.Side.values()) {
      if (side.name().equals(text(json, "side"))) {
        return Optional.of(
            new Detail.MissingGrant(text(json, "entitlement"), side, text(json, "remedy")));
      }
    }
    return Optional.empty();
  }

  private static String text(JsonNode json, String name) {
    return json.path(name).asString("");
  }

  private Optional<JsonNode> parse(Bytes bytes) {
    try {
      JsonNode node = mapper.readTree(bytes.toArray());
      return node.isObject() ? Optional.of(node) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }
}
