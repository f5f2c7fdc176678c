package dev.jbuild.daemon.config;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a key was given: by a flag, or on which line of a TOML text. The parser does not tell, so
 * tables and keys at line starts are looked for; where that is not enough there is no line.
 */
final class KeyPlaces {
  private static final Pattern TABLE = Pattern.compile("\\s*\\[([^\\[\\]]+)]\\s*(#.*)?");
  private static final Pattern ELEMENT = Pattern.compile("\\s*\\[\\[([^\\[\\]]+)]]\\s*(#.*)?");
  private static final Pattern KEY = Pattern.compile("\\s*([A-Za-z0-9_.\"'-]+)\\s*=.*");

  private final String file;
  private final Map<String, Integer> lines = new HashMap<>();
  private final Map<String, String> flags;

  /**
   * @param file stands before each place that is in it
   * @param flags by the key that they stand for
   */
  KeyPlaces(String file, String text, Map<String, String> flags) {
    this.file = file;
    this.flags = Map.copyOf(flags);
    note(text);
  }

  private void note(String text) {
    var elements = new TreeMap<String, Integer>();
    String table = "";
    int number = 0;
    for (String line : text.split("\n", -1)) {
      number++;
      Matcher head = TABLE.matcher(line);
      Matcher element = ELEMENT.matcher(line);
      Matcher key = KEY.matcher(line);
      if (element.matches()) {
        String name = plain(element.group(1));
        table = name + "[" + (elements.merge(name, 1, Integer::sum) - 1) + "]";
        lines.putIfAbsent(name, number);
        lines.putIfAbsent(table, number);
      } else if (head.matches()) {
        table = plain(head.group(1));
        lines.putIfAbsent(table, number);
      } else if (key.matches()) {
        String name = plain(key.group(1));
        lines.putIfAbsent(table.isEmpty() ? name : table + "." + name, number);
      }
    }
  }

  /** Such as {@code --root} or {@code jbuildd.toml:3: root}. */
  String of(String key) {
    String flag = flags.get(key);
    if (flag != null) {
      return flag;
    }
    int line = lines.getOrDefault(key, 0);
    return file + (line > 0 ? ":" + line : "") + ": " + key;
  }

  private static String plain(String key) {
    return key.replace("\"", "").replace("'", "").replaceAll("\\s*\\.\\s*", ".").strip();
  }
}
