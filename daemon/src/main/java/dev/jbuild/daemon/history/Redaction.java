package dev.jbuild.daemon.history;

import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * Takes out of a request what looks like a secret: passwords and tokens in URLs, and the values of
 * arguments whose names speak of one. Bounds what is kept of the rest.
 */
final class Redaction {
  static final String HIDDEN = "xxxxx";

  private static final int MAX_VALUE = 8_192;
  private static final int MAX_ATTRS = 1_000;
  private static final Pattern WEB_USER = Pattern.compile("(https?://)[^/@\\s?#,]+@");
  private static final Pattern PASSWORD = Pattern.compile("(://[^/@:\\s?#,]*:)[^/@\\s?#,]+@");
  private static final Pattern QUERY =
      Pattern.compile(
          "(?i)([?&][^=&#\\s]*(?:token|secret|passw|auth|signature|api_?key)[^=&#\\s]*=)[^&#\\s]+");
  private static final Pattern SECRET_NAME =
      Pattern.compile(
          "(?:.*[^a-z])?(?:(?:api|access|private|secret|auth|encryption)[-_]?keys?|key|auth|token"
              + "|credentials?|passwords?|passwd|pword|passphrase|secrets?)(?:[^a-z].*)?");
  private static final String BUILD_ARGUMENT = "build-arg:";

  private Redaction() {}

  /** Attributes of a frontend or an exporter. */
  static SortedMap<String, String> attrs(Map<String, String> attrs) {
    var kept = new TreeMap<String, String>();
    for (var attr : new TreeMap<>(attrs).entrySet()) {
      if (kept.size() == MAX_ATTRS) {
        break;
      }
      kept.put(bounded(attr.getKey()), value(attr.getKey(), attr.getValue()));
    }
    return kept;
  }

  private static String value(String name, String value) {
    boolean argument = name.startsWith(BUILD_ARGUMENT);
    String bare = argument ? name.substring(BUILD_ARGUMENT.length()) : name;
    return !value.isEmpty() && secret(bare) ? HIDDEN : text(value);
  }

  /** Whether a name speaks of a secret, as one word of it: KEY, NPM_TOKEN, but not MONKEY. */
  private static boolean secret(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return SECRET_NAME.matcher(lower).matches() && !lower.contains("public");
  }

  /** A text that may have URLs in it. */
  static String text(String text) {
    String cut = bounded(text);
    cut = WEB_USER.matcher(cut).replaceAll("$1" + HIDDEN + "@");
    cut = PASSWORD.matcher(cut).replaceAll("$1" + HIDDEN + "@");
    return QUERY.matcher(cut).replaceAll("$1" + HIDDEN);
  }

  private static String bounded(String text) {
    return text.length() > MAX_VALUE ? text.substring(0, MAX_VALUE) + "..." : text;
  }
}
