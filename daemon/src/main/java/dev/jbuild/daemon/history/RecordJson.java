package dev.jbuild.daemon.history;

import dev.jbuild.daemon.history.BuildRecord.Counts;
import dev.jbuild.daemon.history.BuildRecord.Exporter;
import dev.jbuild.daemon.history.BuildRecord.Failure;
import dev.jbuild.daemon.history.BuildRecord.Request;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A record's header as JSON and back; generation and pin are in the file's name instead. */
final class RecordJson {
  private RecordJson() {}

  static Bytes write(BuildRecord record) {
    var members = new LinkedHashMap<String, Json>();
    members.put("ref", new Json.Text(record.ref()));
    members.put("frontend", new Json.Text(record.request().frontend()));
    members.put("attrs", texts(record.request().attrs()));
    var exporters = new ArrayList<Json>();
    for (Exporter exporter : record.request().exporters()) {
      exporters.add(
          object("type", new Json.Text(exporter.type()), "attrs", texts(exporter.attrs())));
    }
    members.put("exporters", new Json.Arr(exporters));
    var entitlements = new ArrayList<Json>();
    record.request().entitlements().forEach(id -> entitlements.add(new Json.Text(id)));
    members.put("entitlements", new Json.Arr(entitlements));
    members.put("created", new Json.Text(record.created().toString()));
    members.put("completed", new Json.Text(String.valueOf(record.completed())));
    Failure failure = record.failure();
    if (failure != null) {
      members.put(
          "failure",
          object("code", number(failure.code()), "message", new Json.Text(failure.message())));
    }
    members.put("response", texts(record.response()));
    members.put("total", number(record.counts().total()));
    members.put("completedSteps", number(record.counts().completed()));
    members.put("cached", number(record.counts().cached()));
    members.put("warnings", number(record.counts().warnings()));
    var sections = new ArrayList<Json>();
    for (Section section : record.sections()) {
      var entry = new LinkedHashMap<String, Json>();
      entry.put("kind", new Json.Text(section.kind().word()));
      entry.put("digest", new Json.Text(section.digest().toString()));
      entry.put("offset", number(section.offset()));
      entry.put("size", number(section.size()));
      sections.add(new Json.Obj(entry));
    }
    members.put("sections", new Json.Arr(sections));
    return Bytes.utf8(JsonText.compact(new Json.Obj(members)));
  }

  /**
   * Reads a header.
   *
   * @throws OciFormatException when it is not one
   */
  static BuildRecord read(Bytes json, RecordName name) throws OciFormatException {
    Json root = JsonText.parse(json);
    var exporters = new ArrayList<Exporter>();
    for (Json exporter : items(root, "exporters")) {
      exporters.add(new Exporter(text(exporter, "type"), texts(exporter, "attrs")));
    }
    var entitlements = new ArrayList<String>();
    for (Json id : items(root, "entitlements")) {
      entitlements.add(id instanceof Json.Text text ? text.value() : "");
    }
    Json failure = member(root, "failure");
    try {
      return new BuildRecord(
          text(root, "ref"),
          new Request(text(root, "frontend"), texts(root, "attrs"), exporters, entitlements),
          Instant.parse(text(root, "created")),
          Instant.parse(text(root, "completed")),
          failure == null
              ? null
              : new Failure((int) number(failure, "code"), text(failure, "message")),
          texts(root, "response"),
          new Counts(
              (int) number(root, "total"),
              (int) number(root, "completedSteps"),
              (int) number(root, "cached"),
              (int) number(root, "warnings")),
          sections(root),
          name.generation(),
          name.pinned());
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new OciFormatException("is not a build record: " + e.getMessage(), e);
    }
  }

  private static List<Section> sections(Json root) {
    var sections = new ArrayList<Section>();
    for (Json entry : items(root, "sections")) {
      for (Section.Kind kind : Section.Kind.values()) {
        if (kind.word().equals(text(entry, "kind"))) {
          sections.add(
              new Section(
                  kind,
                  Digest.parse(text(entry, "digest")),
                  number(entry, "offset"),
                  number(entry, "size")));
        }
      }
    }
    return sections;
  }

  private static Json.Obj object(String first, Json one, String second, Json two) {
    var members = new LinkedHashMap<String, Json>();
    members.put(first, one);
    members.put(second, two);
    return new Json.Obj(members);
  }

  private static Json number(long value) {
    return new Json.Num(Long.toString(value));
  }

  private static Json texts(Map<String, String> values) {
    var members = new LinkedHashMap<String, Json>();
    values.forEach((key, value) -> members.put(key, new Json.Text(value)));
    return new Json.Obj(members);
  }

  private static @Nullable Json member(Json json, String name) {
    return json instanceof Json.Obj object ? object.members().get(name) : null;
  }

  private static String text(Json json, String name) {
    return member(json, name) instanceof Json.Text text ? text.value() : "";
  }

  private static long number(Json json, String name) {
    return member(json, name) instanceof Json.Num number ? Long.parseLong(number.text()) : 0;
  }

  private static List<Json> items(Json json, String name) {
    return member(json, name) instanceof Json.Arr array ? array.items() : List.of();
  }

  private static SortedMap<String, String> texts(Json json, String name) {
    var values = new TreeMap<String, String>();
    if (member(json, name) instanceof Json.Obj object) {
      object
          .members()
          .forEach((key, value) -> values.put(key, value instanceof Json.Text t ? t.value() : ""));
    }
    return values;
  }
}
