package dev.jbuild.dockerfile.options;

import dev.jbuild.dockerfile.parse.CommaList;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Typed reading of the request's attributes. A present but empty value is not an absent one. */
final class Attributes {
  private final Map<String, String> values;

  Attributes(Map<String, String> values) {
    this.values = values;
  }

  boolean has(String key) {
    return values.containsKey(key);
  }

  @Nullable String text(String key) {
    return values.get(key);
  }

  String orEmpty(String key) {
    return values.getOrDefault(key, "");
  }

  String or(String key, String fallback) {
    return values.getOrDefault(key, fallback);
  }

  /** All attributes whose key starts so, by the rest of their keys. */
  Map<String, String> below(String prefix) {
    var found = new TreeMap<String, String>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(prefix)) {
            found.put(key.substring(prefix.length()), value);
          }
        });
    return found;
  }

  /** Comma-separated values, none of them empty. */
  List<String> list(String key) {
    var fields = new ArrayList<String>();
    try {
      for (CommaList.Field field : CommaList.split(orEmpty(key))) {
        if (!field.text().isBlank()) {
          fields.add(field.text().strip());
        }
      }
    } catch (IllegalArgumentException e) {
      throw wrong(key, "want comma-separated values");
    }
    return fields;
  }

  /** A number; absent or empty is 0. */
  long number(String key, long least) {
    String text = orEmpty(key);
    if (text.isEmpty()) {
      return 0;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least) {
        return number;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong(key, "want a number from " + least + " on");
  }

  /** A switch, null when absent or empty. */
  @Nullable Boolean flag(String key) {
    String text = orEmpty(key);
    return switch (text) {
      case "" -> null;
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw wrong(key, "want true or false");
    };
  }

  BuildException wrong(String key, String wanted) {
    return new BuildException(
        Code.INVALID, "option '" + key + "': " + wanted + ", got '" + orEmpty(key) + "'");
  }
}
