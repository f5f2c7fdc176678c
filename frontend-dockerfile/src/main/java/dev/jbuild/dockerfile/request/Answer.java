package dev.jbuild.dockerfile.request;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Forms that all answers share: a result without images, and pieces of their JSON. */
final class Answer {
  private static final String VERSION = "1.0.0";

  private Answer() {}

  static FrontendResult of(Json json, String text, Map<String, String> more) {
    var metadata = new LinkedHashMap<String, Bytes>();
    metadata.put("result.json", Bytes.utf8(JsonText.indented(json)));
    metadata.put("result.txt", Bytes.utf8(text));
    metadata.put("version", Bytes.utf8(VERSION));
    more.forEach((key, value) -> metadata.put(key, Bytes.utf8(value)));
    return new FrontendResult(List.of(), false, metadata);
  }

  static String version() {
    return VERSION;
  }

  /** Lines are 1-based; characters 0-based and left out where they are 0. Null is no place. */
  static Json location(@Nullable SourceRange range) {
    var out = new LinkedHashMap<String, Json>();
    out.put("sourceIndex", new Json.Num(range == null ? "-1" : "0"));
    if (range != null) {
      var ends = new LinkedHashMap<String, Json>();
      ends.put("start", position(range.startLine(), range.startCharacter()));
      ends.put("end", position(range.endLine(), range.endCharacter()));
      out.put("ranges", new Json.Arr(List.of(new Json.Obj(ends))));
    }
    return new Json.Obj(out);
  }

  private static Json position(int line, int character) {
    var out = new LinkedHashMap<String, Json>();
    out.put("line", new Json.Num(String.valueOf(line)));
    if (character != 0) {
      out.put("character", new Json.Num(String.valueOf(character)));
    }
    return new Json.Obj(out);
  }

  /** The file's bytes in base 64. */
  static Json content(SourceFile file) {
    return new Json.Text(Base64.getEncoder().encodeToString(file.info().data().toArray()));
  }

  /** Adds a member unless it is empty. */
  static void put(Map<String, Json> members, String key, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      members.put(key, new Json.Text(value));
    }
  }

  /** A table with columns as wide as they must be, two blanks apart. */
  static String table(List<List<String>> rows) {
    var widths = new LinkedHashMap<Integer, Integer>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths.merge(i, row.get(i).length(), Math::max);
      }
    }
    var text = new StringBuilder();
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        String cell = row.get(i);
        line.append(cell).append(" ".repeat(widths.getOrDefault(i, 0) - cell.length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
