package dev.jbuild.error.json;

import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.wire.OpJson;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Details as typed JSON: an exact type name and the value's bytes. Names and shapes are BuildKit's
 * where it has one (reference wire-control, section 9); clients carry unknown types along
 * untouched. Thread-safe.
 */
public final class DetailJson {
  static final String VERTEX = "github.com/moby/buildkit/errdefs.Vertex+json";
  static final String SOLVE = "github.com/moby/buildkit/errdefs.Solve+json";
  static final String SOURCE = "github.com/moby/buildkit/errdefs.Source+json";
  static final String EXIT = "github.com/moby/buildkit/gatewayapi.ExitMessage+json";
  static final String FRONTEND = "github.com/moby/buildkit/errdefs.Frontend+json";
  static final String CAPABILITY = "github.com/moby/buildkit/errdefs.FrontendCap+json";
  static final String REQUEST = "github.com/moby/buildkit/errdefs.Subrequest+json";
  static final String GRANT = "dev.jbuild/error.MissingGrant+json";
  static final String DENIED = "dev.jbuild/error.DeniedSource+json";
  static final String CODE = "dev.jbuild/error.Code+json";

  /**
   * A detail as it travels.
   *
   * @param json the value; in fact anything where a detail of unknown type is relayed
   */
  public record Typed(String typeUrl, Bytes json) {}

  /** Writes a detail. */
  public Typed write(Detail detail) {
    return switch (detail) {
      case Detail.FailedVertex vertex -> {
        var members = new LinkedHashMap<String, Json>();
        members.put("digest", new Json.Text(vertex.digest()));
        if (!vertex.name().isEmpty()) {
          members.put("name", new Json.Text(vertex.name()));
        }
        yield typed(VERTEX, members);
      }
      case Detail.ProcessExit exit -> typed(EXIT, Map.of("Code", number(exit.code())));
      case Detail.Source source -> typed(SOURCE, source(source));
      case Detail.FailedOp failed -> typed(SOLVE, failedOp(failed));
      case Detail.MissingGrant grant -> {
        var members = new LinkedHashMap<String, Json>();
        members.put("entitlement", new Json.Text(grant.entitlement()));
        members.put("side", new Json.Text(grant.side().name()));
        members.put("remedy", new Json.Text(grant.remedy()));
        yield typed(GRANT, members);
      }
      case Detail.DeniedSource denied -> {
        var members = new LinkedHashMap<String, Json>();
        members.put("source", new Json.Text(denied.source()));
        members.put("rule", new Json.Text(denied.rule()));
        yield typed(DENIED, members);
      }
      case Detail.FailedFrontend frontend -> {
        var members = new LinkedHashMap<String, Json>();
        members.put("name", new Json.Text(frontend.name()));
        if (!frontend.source().isEmpty()) {
          members.put("source", new Json.Text(frontend.source()));
        }
        yield typed(FRONTEND, members);
      }
      case Detail.MissingCapability missing ->
          typed(CAPABILITY, Map.of("name", new Json.Text(missing.name())));
      case Detail.UnknownRequest unknown ->
          typed(REQUEST, Map.of("name", new Json.Text(unknown.name())));
      case Detail.Relayed relayed -> new Typed(relayed.typeUrl(), relayed.value());
    };
  }

  /** Writes the exact kind of a failure, for which gRPC's codes are too few. */
  public Typed write(Code code) {
    return typed(CODE, Map.of("code", new Json.Text(code.name())));
  }

  /**
   * Reads a detail. One of unknown type, or malformed, or with an op, is kept as it is; the
   * {@linkplain #readCode(String, Bytes) kind} of a failure is none.
   */
  public Optional<Detail> read(String typeUrl, Bytes bytes) {
    return typeUrl.equals(CODE)
        ? Optional.empty()
        : Optional.of(known(typeUrl, bytes).orElse(new Detail.Relayed(typeUrl, bytes)));
  }

  private static Optional<Detail> known(String typeUrl, Bytes bytes) {
    Json json = parse(bytes);
    if (!(json instanceof Json.Obj)) {
      return Optional.empty();
    }
    return switch (typeUrl) {
      case VERTEX -> Optional.of(new Detail.FailedVertex(text(json, "digest"), text(json, "name")));
      case EXIT -> Optional.of(new Detail.ProcessExit(integer(json, "Code")));
      case SOURCE -> readSource(json);
      case GRANT -> readGrant(json);
      case FRONTEND ->
          Optional.of(new Detail.FailedFrontend(text(json, "name"), text(json, "source")));
      case DENIED -> Optional.of(new Detail.DeniedSource(text(json, "source"), text(json, "rule")));
      case CAPABILITY -> Optional.of(new Detail.MissingCapability(text(json, "name")));
      case REQUEST -> Optional.of(new Detail.UnknownRequest(text(json, "name")));
      default -> Optional.empty();
    };
  }

  /** Whether a detail is an op, one that was relayed too. */
  public static boolean isFailedOp(Detail detail) {
    return detail instanceof Detail.FailedOp
        || (detail instanceof Detail.Relayed relayed && relayed.typeUrl().equals(SOLVE));
  }

  /** Reads the kind of a failure; empty for other types. */
  public Optional<Code> readCode(String typeUrl, Bytes bytes) {
    if (!typeUrl.equals(CODE)) {
      return Optional.empty();
    }
    String name = text(parse(bytes), "code");
    for (Code code : Code.values()) {
      if (code.name().equals(name)) {
        return Optional.of(code);
      }
    }
    return Optional.empty();
  }

  private static Typed typed(String typeUrl, Map<String, Json> members) {
    return new Typed(typeUrl, Bytes.utf8(JsonText.compact(new Json.Obj(members))));
  }

  /** Clients take one id for each mount: they are given even where all of them are empty. */
  private static Map<String, Json> failedOp(Detail.FailedOp failed) {
    var members = new LinkedHashMap<String, Json>();
    members.put("inputIDs", texts(failed.inputs()));
    members.put("mountIDs", texts(failed.mounts()));
    members.put("op", OpJson.of(failed.op()));
    var description = new LinkedHashMap<String, Json>();
    failed.description().forEach((key, value) -> description.put(key, new Json.Text(value)));
    if (!description.isEmpty()) {
      members.put("description", new Json.Obj(description));
    }
    return members;
  }

  private static Json texts(List<String> values) {
    return new Json.Arr(values.stream().<Json>map(Json.Text::new).toList());
  }

  private static Map<String, Json> source(Detail.Source source) {
    var info = new LinkedHashMap<String, Json>();
    info.put("filename", new Json.Text(source.filename()));
    byte[] text = source.text().getBytes(StandardCharsets.UTF_8);
    info.put("data", new Json.Text(Base64.getEncoder().encodeToString(text)));
    if (!source.language().isEmpty()) {
      info.put("language", new Json.Text(source.language()));
    }
    var ranges = new ArrayList<Json>();
    for (Detail.Lines lines : source.ranges()) {
      var range = new LinkedHashMap<String, Json>();
      range.put("start", position(lines.startLine(), lines.startCharacter()));
      // Clients crash when there is no end.
      range.put("end", position(lines.endLine(), lines.endCharacter()));
      ranges.add(new Json.Obj(range));
    }
    var members = new LinkedHashMap<String, Json>();
    members.put("info", new Json.Obj(info));
    members.put("ranges", new Json.Arr(ranges));
    return members;
  }

  private static Json position(int line, int character) {
    var position = new LinkedHashMap<String, Json>();
    position.put("line", number(line));
    if (character != 0) {
      position.put("character", number(character));
    }
    return new Json.Obj(position);
  }

  private static Json number(int value) {
    return new Json.Num(Integer.toString(value));
  }

  private static Optional<Detail> readSource(Json json) {
    Json info = member(json, "info");
    String text;
    try {
      byte[] data = Base64.getDecoder().decode(text(info, "data"));
      text = new String(data, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    List<Detail.Lines> ranges = new ArrayList<>();
    if (member(json, "ranges") instanceof Json.Arr array) {
      for (Json range : array.items()) {
        Json start = member(range, "start");
        Json end = member(range, "end");
        ranges.add(
            new Detail.Lines(
                integer(start, "line"),
                integer(start, "character"),
                integer(end, "line"),
                integer(end, "character")));
      }
    }
    return Optional.of(
        new Detail.Source(text(info, "filename"), text, text(info, "language"), ranges));
  }

  private static Optional<Detail> readGrant(Json json) {
    for (Detail.Side side : Detail.Side.values()) {
      if (side.name().equals(text(json, "side"))) {
        return Optional.of(
            new Detail.MissingGrant(text(json, "entitlement"), side, text(json, "remedy")));
      }
    }
    return Optional.empty();
  }

  private static Json member(Json json, String name) {
    return json instanceof Json.Obj object
        ? object.members().getOrDefault(name, new Json.Null())
        : new Json.Null();
  }

  private static String text(Json json, String name) {
    return member(json, name) instanceof Json.Text text ? text.value() : "";
  }

  private static int integer(Json json, String name) {
    if (member(json, name) instanceof Json.Num number) {
      try {
        return Integer.parseInt(number.text());
      } catch (NumberFormatException e) {
        return 0;
      }
    }
    return 0;
  }

  private static Json parse(Bytes bytes) {
    try {
      return JsonText.parse(bytes);
    } catch (OciFormatException e) {
      return new Json.Null();
    }
  }
}
