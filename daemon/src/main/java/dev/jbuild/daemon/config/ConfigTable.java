package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** One table of a configuration file; remembers which keys were asked for. */
final class ConfigTable {
  private final KeyPlaces places;
  private final String path;
  private final JsonNode node;
  private final List<String> warnings;
  private final Set<String> known = new HashSet<>();

  ConfigTable(KeyPlaces places, String path, JsonNode node, List<String> warnings) {
    this.places = places;
    this.path = path;
    this.node = node;
    this.warnings = warnings;
  }

  /** The table of that name; an empty one if there is none. */
  ConfigTable table(String name) {
    JsonNode child = take(name);
    if (!child.isMissingNode() && !child.isObject()) {
      throw wrong(name, "a table", child);
    }
    return new ConfigTable(places, full(name), child, warnings);
  }

  /** The tables of an array of tables; none if there is none. */
  List<ConfigTable> elements(String name) {
    JsonNode value = take(name);
    var elements = new ArrayList<ConfigTable>();
    if (value.isMissingNode()) {
      return elements;
    }
    if (!value.isArray()) {
      throw wrong(name, "tables, [[" + full(name) + "]]", value);
    }
    for (JsonNode element : value) {
      if (!element.isObject()) {
        throw wrong(name, "tables, [[" + full(name) + "]]", value);
      }
      String at = full(name) + "[" + elements.size() + "]";
      elements.add(new ConfigTable(places, at, element, warnings));
    }
    return elements;
  }

  /** The values of a table of strings. */
  Map<String, String> texts(String name) {
    var texts = new TreeMap<String, String>();
    ConfigTable table = table(name);
    for (String key : table.node.propertyNames()) {
      texts.put(key, table.string(key, ""));
    }
    return texts;
  }

  /** All tables in this one, by name. */
  Map<String, ConfigTable> tables() {
    var tables = new TreeMap<String, ConfigTable>();
    for (String name : node.propertyNames()) {
      tables.put(name, table(name));
    }
    return tables;
  }

  String string(String name, String otherwise) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isString()) {
      throw wrong(name, "a string", value);
    }
    return value.asString();
  }

  /** A string that must be there and not be empty. */
  String required(String name) {
    String text = string(name, "");
    if (text.isEmpty()) {
      throw invalid(name, "want a text that is not empty");
    }
    return text;
  }

  boolean has(String name) {
    return !take(name).isMissingNode();
  }

  /** Whether the value is a string. */
  boolean isText(String name) {
    return take(name).isString();
  }

  String oneOf(String name, String otherwise, List<String> words) {
    String word = string(name, otherwise);
    if (!words.contains(word)) {
      throw invalid(name, "want one of " + String.join(", ", words) + ", got '" + word + "'");
    }
    return word;
  }

  boolean bool(String name, boolean otherwise) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isBoolean()) {
      throw wrong(name, "true or false", value);
    }
    return value.asBoolean();
  }

  int number(String name, int otherwise, int min, int max) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    if (!value.isIntegralNumber() || value.asLong() < min || value.asLong() > max) {
      throw wrong(name, "a number from " + min + " to " + max, value);
    }
    return value.asInt();
  }

  /** Bytes, a size such as {@code "512MB"} in powers of 1024, or {@code "10%"} of the disk. */
  DiskSpace space(String name) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return DiskSpace.NONE;
    }
    boolean count = value.isIntegralNumber() && value.asLong() >= 0;
    try {
      if (count) {
        return DiskSpace.bytes(value.asLong());
      }
      if (value.isString()) {
        return DiskSpace.parse(value.asString());
      }
    } catch (IllegalArgumentException e) {
      // It is told below what is wanted.
    }
    throw wrong(name, "bytes, a size such as \"512MB\", or \"10%\" of the disk", value);
  }

  /** Seconds, or Go's text such as {@code "48h"}. */
  Duration duration(String name, Duration otherwise) {
    JsonNode value = take(name);
    if (value.isMissingNode()) {
      return otherwise;
    }
    try {
      if (value.isIntegralNumber() && value.asLong() >= 0) {
        return Duration.ofSeconds(value.asLong());
      }
      if (value.isString()) {
        return GoDuration.parse(value.asString());
      }
    } catch (IllegalArgumentException e) {
      // It is told below what is wanted.
    }
    throw wrong(name, "seconds, or a duration such as \"48h\"", value);
  }

  List<String> strings(String name) {
    JsonNode value = take(name);
    var strings = new ArrayList<String>();
    if (value.isMissingNode()) {
      return strings;
    }
    if (!value.isArray()) {
      throw wrong(name, "a list of strings", value);
    }
    for (JsonNode element : value) {
      if (!element.isString()) {
        throw wrong(name, "a list of strings", value);
      }
      strings.add(element.asString());
    }
    return strings;
  }

  /** Notes a warning when a key is given that changes nothing here. */
  void withoutEffect(String name, String why) {
    if (has(name)) {
      warnings.add(where(name) + " has no effect: " + why);
    }
  }

  /** Knows keys that need no answer. */
  void tolerate(String... names) {
    known.addAll(List.of(names));
  }

  /** Knows all keys: somebody else's table. */
  void tolerateAll() {
    known.addAll(node.propertyNames());
  }

  /** Refuses a switch that is on. */
  void refuseOn(String name, String why) {
    if (bool(name, false)) {
      throw invalid(name, "'true' " + why);
    }
  }

  /** Refuses a text that is not empty. */
  void refuseText(String name, String why) {
    String text = string(name, "");
    if (!text.isEmpty()) {
      throw invalid(name, "'" + text + "' " + why);
    }
  }

  /** Notes a warning for every key that nothing asked for. */
  void warnOfOthers() {
    for (String name : node.propertyNames()) {
      if (!known.contains(name)) {
        warnings.add(where(name) + " unknown key, ignored");
      }
    }
  }

  private JsonNode take(String name) {
    known.add(name);
    JsonNode value = node.get(name);
    return value == null ? MissingNode.getInstance() : value;
  }

  private String full(String name) {
    return name.isEmpty() ? path : path.isEmpty() ? name : path + "." + name;
  }

  private String where(String name) {
    return places.of(full(name)) + ":";
  }

  /** An error about a key, with its line. */
  BuildException invalid(String name, String what) {
    return new BuildException(Code.INVALID, where(name) + " " + what);
  }

  private BuildException wrong(String name, String wanted, JsonNode got) {
    return invalid(name, "want " + wanted + ", got " + got.toString());
  }
}
