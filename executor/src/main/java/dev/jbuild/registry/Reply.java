package dev.jbuild.registry;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;

/** A value in a small JSON document of the protocol; what is not there reads as empty. */
record Reply(Json value) {
  private static final Json.Null NOTHING = new Json.Null();

  static Reply parse(byte[] document) throws OciFormatException {
    return new Reply(JsonText.parse(Bytes.copyOf(document)));
  }

  Reply member(String name) {
    boolean there = value instanceof Json.Obj object && object.members().containsKey(name);
    return new Reply(there ? ((Json.Obj) value).members().getOrDefault(name, NOTHING) : NOTHING);
  }

  Reply first() {
    return new Reply(
        value instanceof Json.Arr array && !array.items().isEmpty()
            ? array.items().getFirst()
            : NOTHING);
  }

  /** The text, or empty where it is none. */
  String text() {
    return value instanceof Json.Text text ? text.value() : "";
  }

  /** The whole number of up to 18 digits, or 0 where it is none. */
  long number() {
    return value instanceof Json.Num number && number.text().matches("[0-9]{1,18}")
        ? Long.parseLong(number.text())
        : 0;
  }
}
