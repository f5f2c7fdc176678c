package dev.jbuild.oci.json;

import dev.jbuild.oci.RawJson;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Collects the members of an object to write, leaving out what is empty. */
final class Members {
  /** RFC 3339 in UTC with as many digits of a second as there are, as Go writes it. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(-1).toFormatter();

  private final Map<String, Json> members = new LinkedHashMap<>();

  Members put(String name, Json value) {
    members.put(name, value);
    return this;
  }

  Members text(String name, String value) {
    return value.isEmpty() ? this : put(name, new Json.Text(value));
  }

  Members integer(String name, long value) {
    return value == 0 ? this : put(name, new Json.Num(Long.toString(value)));
  }

  Members flag(String name, boolean value) {
    return value ? put(name, new Json.Bool(true)) : this;
  }

  Members time(String name, @Nullable Instant value) {
    return value == null ? this : put(name, new Json.Text(TIME.format(value)));
  }

  Members texts(String name, Collection<String> values) {
    return values.isEmpty() ? this : put(name, textArray(values));
  }

  /** An object of empty objects. */
  Members keys(String name, Collection<String> values) {
    if (values.isEmpty()) {
      return this;
    }
    var entries = new LinkedHashMap<String, Json>();
    for (String value : values) {
      entries.put(value, new Json.Obj(Map.of()));
    }
    return put(name, new Json.Obj(entries));
  }

  Members textMap(String name, Map<String, String> values) {
    if (values.isEmpty()) {
      return this;
    }
    var entries = new LinkedHashMap<String, Json>();
    values.forEach((key, value) -> entries.put(key, new Json.Text(value)));
    return put(name, new Json.Obj(entries));
  }

  /** Adds what was kept from reading; a key that jbuild wrote itself wins. */
  Members unknown(Map<String, RawJson> values) {
    values.forEach((name, raw) -> members.computeIfAbsent(name, absent -> parsed(name, raw)));
    return this;
  }

  Json inOrder() {
    return new Json.Obj(members);
  }

  Json sorted() {
    return new Json.Obj(new TreeMap<>(members));
  }

  static Json textArray(Collection<String> values) {
    List<Json> items = new ArrayList<>();
    for (String value : values) {
      items.add(new Json.Text(value));
    }
    return new Json.Arr(items);
  }

  private static Json parsed(String name, RawJson raw) {
    try {
      return JsonText.parse(raw.text());
    } catch (OciFormatException e) {
      throw new IllegalStateException("the kept key '" + name + "' is not JSON", e);
    }
  }
}
