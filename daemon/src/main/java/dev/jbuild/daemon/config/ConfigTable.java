package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
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
  private final String file;
  private final KeyLines lines;
  private final String path;
  private final JsonNode node;
  private final List<String> warnings;
  private final Set<String> known = new HashSet<>();

  ConfigTable(String file, KeyLines lines, String path, JsonNode node, List<String> warnings) {
    this.file = file;
    this.lines = lines;
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
    return new ConfigTable(file, lines, full(name), child, warnings);
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
    return path.isEmpty() ? name : path + "." + name;
  }

  private String where(String name) {
    String key = full(name);
    int line = lines.of(key);
    return file + (line > 0 ? ":" + line : "") + ": " + key + ":";
  }

  /** An error about a key, with its line. */
  BuildException invalid(String name, String what) {
    return new BuildException(Code.INVALID, where(name) + " " + what);
  }

  private BuildException wrong(String name, String wanted, JsonNode got) {
    return invalid(name, "want " + wanted + ", got " + got.toString());
  }
}
