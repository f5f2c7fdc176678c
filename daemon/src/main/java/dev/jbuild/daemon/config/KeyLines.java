package dev.jbuild.daemon.config;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * On which line a key of a TOML text stands. The parser does not tell, so tables and keys at line
 * starts are looked for; where that is not enough there is no line.
 */
final class KeyLines {
  private static final Pattern TABLE = Pattern.compile("\\s*\\[([^\\[\\]]+)]\\s*(#.*)?");
  private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z0-9_.\"'-]+)\\s*=.*");

  private final Map<String, Integer> lines = new HashMap<>();

  KeyLines(String text) {
    String table = "";
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher head = TABLE.matcher(line);
      Matcher key = KEY.matcher(line);
      if (head.matches()) {
        table = plain(head.group(1));
        lines.putIfAbsent(table, number);
      } else if (key.matches()) {
        String name = plain(key.group(1));
        lines.putIfAbsent(table.isEmpty() ? name : table + "." + name, number);
      }
    }
  }

  /** 1-based; 0 if it was not found. */
  int of(String key) {
    return lines.getOrDefault(key, 0);
  }

  private static String plain(String key) {
    return key.replace("\"", "").replace("'", "").replaceAll("\\s*\\.\\s*", ".").strip();
  }
}
