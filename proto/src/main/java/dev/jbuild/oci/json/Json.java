package dev.jbuild.oci.json;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value. Objects keep the order of their keys; numbers keep their text. */
public sealed interface Json {

  /** An object, keys in order and each once. */
  record Obj(Map<String, Json> members) implements Json {
    public Obj {
      members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }
  }

  /** An array. */
  record Arr(List<Json> items) implements Json {
    public Arr {
      items = List.copyOf(items);
    }
  }

  /** A string. */
  record Text(String value) implements Json {}

  /** A number as it is written. */
  record Num(String text) implements Json {}

  /** True or false. */
  record Bool(boolean value) implements Json {}

  /** {@code null}. */
  record Null() implements Json {}

  /** What kind of value this is, for error texts. */
  default String kind() {
    return switch (this) {
      case Obj object -> "an object";
      case Arr array -> "an array";
      case Text text -> "a string";
      case Num number -> "a number";
      case Bool bool -> "a boolean";
      case Null nothing -> "null";
    };
  }
}
