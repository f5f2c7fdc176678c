package dev.jbuild.oci.json;

import dev.jbuild.oci.Digest;
import dev.jbuild.oci.RawJson;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads the members of one object, naming the place in errors, and knows which members nobody asked
 * for. A member that is {@code null} counts as absent, as Go's encoder writes it so.
 */
final class Fields {
  private final String path;
  private final Map<String, Json> members;
  private final Set<String> asked = new HashSet<>();

  private Fields(String path, Map<String, Json> members) {
    this.path = path;
    this.members = members;
  }

  /** The members of a whole document. */
  static Fields of(Json document) throws OciFormatException {
    return of("", document);
  }

  private static Fields of(String path, Json value) throws OciFormatException {
    if (value instanceof Json.Obj object) {
      return new Fields(path, object.members());
    }
    throw wrong(path, "an object", value);
  }

  boolean has(String name) {
    return members.containsKey(name) && !(members.get(name) instanceof Json.Null);
  }

  /** Empty when absent. */
  String text(String name) throws OciFormatException {
    Json value = member(name);
    return value == null ? "" : asText(at(name), value);
  }

  boolean flag(String name) throws OciFormatException {
    return switch (member(name)) {
      case null -> false;
      case Json.Bool bool -> bool.value();
      case Json other -> throw wrong(at(name), "a boolean", other);
    };
  }

  /** Zero when absent. */
  long integer(String name) throws OciFormatException {
    Json value = member(name);
    if (value == null) {
      return 0;
    }
    if (!(value instanceof Json.Num number)) {
      throw wrong(at(name), "an integer", value);
    }
    try {
      return Long.parseLong(number.text());
    } catch (NumberFormatException e) {
      throw new OciFormatException(
          at(name) + ": want an integer of 64 bits, got " + number.text(), e);
    }
  }

  /** Null when absent. */
  @Nullable Instant time(String name) throws OciFormatException {
    Json value = member(name);
    if (value == null) {
      return null;
    }
    String text = asText(at(name), value);
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      throw new OciFormatException(at(name) + ": want an RFC 3339 time, got '" + text + "'", e);
    }
  }

  Digest digest(String name) throws OciFormatException {
    Json value = member(name);
    if (value == null) {
      throw missing(name);
    }
    return asDigest(at(name), value);
  }

  List<Digest> digests(String name) throws OciFormatException {
    var found = new ArrayList<Digest>();
    List<Json> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      found.add(asDigest(at(name, i), items.get(i)));
    }
    return found;
  }

  List<String> texts(String name) throws OciFormatException {
    var found = new ArrayList<String>();
    List<Json> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      found.add(asText(at(name, i), items.get(i)));
    }
    return found;
  }

  /** The keys of an object whose values say nothing. */
  Set<String> keys(String name) throws OciFormatException {
    Json value = member(name);
    return value == null ? Set.of() : new TreeSet<>(of(at(name), value).members.keySet());
  }

  Map<String, String> textMap(String name) throws OciFormatException {
    Json value = member(name);
    if (value == null) {
      return Map.of();
    }
    Fields entries = of(at(name), value);
    var found = new TreeMap<String, String>();
    for (String key : entries.members.keySet()) {
      found.put(key, entries.text(key));
    }
    return found;
  }

  /** Null when absent. */
  @Nullable Fields object(String name) throws OciFormatException {
    Json value = member(name);
    return value == null ? null : of(at(name), value);
  }

  List<Fields> objects(String name) throws OciFormatException {
    var found = new ArrayList<Fields>();
    List<Json> items = items(name);
    for (int i = 0; i < items.size(); i++) {
      found.add(of(at(name, i), items.get(i)));
    }
    return found;
  }

  /** The members that no method here was asked for. */
  Map<String, RawJson> unknown() {
    var rest = new TreeMap<String, RawJson>();
    members.forEach(
        (name, value) -> {
          if (!asked.contains(name)) {
            rest.put(name, new RawJson(JsonText.compact(value)));
          }
        });
    return Collections.unmodifiableMap(rest);
  }

  OciFormatException missing(String name) {
    return new OciFormatException(at(name) + ": is missing");
  }

  OciFormatException malformed(String name, String problem, @Nullable Throwable cause) {
    return new OciFormatException(at(name) + ": " + problem, cause);
  }

  private List<Json> items(String name) throws OciFormatException {
    return switch (member(name)) {
      case null -> List.of();
      case Json.Arr array -> array.items();
      case Json other -> throw wrong(at(name), "an array", other);
    };
  }

  private @Nullable Json member(String name) {
    asked.add(name);
    return has(name) ? members.get(name) : null;
  }

  private static String asText(String place, Json value) throws OciFormatException {
    return switch (value) {
      case Json.Text text -> text.value();
      case Json.Null absent -> "";
      case Json other -> throw wrong(place, "a string", other);
    };
  }

  private static Digest asDigest(String place, Json value) throws OciFormatException {
    String text = asText(place, value);
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new OciFormatException(
          place + ": want 'sha256:' and 64 hex digits, got '" + text + "'", e);
    }
  }

  private static OciFormatException wrong(String place, String wanted, Json got) {
    String where = place.isEmpty() ? "document" : place;
    return new OciFormatException(where + ": want " + wanted + ", got " + got.kind());
  }

  private String at(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private String at(String name, int item) {
    return at(name) + "[" + item + "]";
  }
}
