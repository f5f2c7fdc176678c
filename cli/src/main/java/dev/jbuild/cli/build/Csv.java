package dev.jbuild.cli.build;

import java.util.ArrayList;
import java.util.List;

/**
 * One line of comma separated values; a field that holds a comma or a quote stands in double
 * quotes, where a quote is doubled. Source: RFC 4180, as docker's flags and the frontend's
 * attributes use it.
 */
final class Csv {
  private Csv() {}

  /** Reads the fields of a line, at least one. */
  static List<String> fields(String line) {
    var fields = new ArrayList<String>();
    int position = 0;
    while (true) {
      var field = new StringBuilder();
      if (position < line.length() && line.charAt(position) == '"') {
        position = quoted(line, position + 1, field);
      } else {
        while (position < line.length() && line.charAt(position) != ',') {
          field.append(line.charAt(position++));
        }
      }
      fields.add(field.toString());
      if (position >= line.length()) {
        return fields;
      }
      position++;
    }
  }

  private static int quoted(String line, int start, StringBuilder field) {
    int i = start;
    while (i < line.length()) {
      char c = line.charAt(i);
      if (c != '"') {
        field.append(c);
        i++;
      } else if (i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append('"');
        i += 2;
      } else if (i + 1 == line.length() || line.charAt(i + 1) == ',') {
        return i + 1;
      } else {
        throw new UsageException("text after a closing quote in '" + line + "'");
      }
    }
    throw new UsageException("a quote is not closed in '" + line + "'");
  }

  /** Writes fields so that {@link #fields} reads them. */
  static String line(List<String> fields) {
    var line = new StringBuilder();
    for (String field : fields) {
      if (!line.isEmpty()) {
        line.append(',');
      }
      if (field.indexOf(',') >= 0 || field.indexOf('"') >= 0) {
        line.append('"').append(field.replace("\"", "\"\"")).append('"');
      } else {
        line.append(field);
      }
    }
    return line.toString();
  }
}
