package dev.jbuild.dockerfile.lint;

import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which rules count and what they lead to. Source: Dockerfile reference, "check" directive.
 *
 * @param skip rules that are not looked at, by name in small letters
 * @param error whether a finding fails the build
 * @param experimental rules looked at that are off otherwise, by name in small letters
 */
public record CheckPolicy(Set<String> skip, boolean error, Set<String> experimental) {
  /** All rules but the experimental ones, as warnings. */
  public static final CheckPolicy USUAL = new CheckPolicy(Set.of(), false, Set.of());

  private static final String ALL = "all";

  /** No rule. */
  static final CheckPolicy NOTHING = new CheckPolicy(Set.of(ALL), false, Set.of());

  public CheckPolicy {
    skip = Set.copyOf(skip);
    experimental = Set.copyOf(experimental);
  }

  /**
   * Reads {@code skip=RuleA,RuleB;error=true;experimental=all}. Names that are no rules are kept: a
   * file may be written for a later version.
   *
   * @throws IllegalArgumentException for another key or a value that cannot be read
   */
  public static CheckPolicy parse(String text) {
    Set<String> skip = Set.of();
    Set<String> experimental = Set.of();
    boolean error = false;
    for (String part : text.split(";", -1)) {
      if (part.isBlank()) {
        continue;
      }
      int equals = part.indexOf('=');
      String key = equals < 0 ? "" : part.substring(0, equals).strip();
      String value = part.substring(equals + 1).strip();
      switch (key) {
        case "skip" -> skip = names(value);
        case "experimental" -> experimental = names(value);
        case "error" -> error = truth(value);
        default ->
            throw new IllegalArgumentException(
                "want skip=..., error=... or experimental=..., got '" + part.strip() + "'");
      }
    }
    return new CheckPolicy(skip, error, experimental);
  }

  private static Set<String> names(String list) {
    var names = new LinkedHashSet<String>();
    for (String name : list.split(",", -1)) {
      if (!name.isBlank()) {
        names.add(name.strip().toLowerCase(Locale.ROOT));
      }
    }
    return names;
  }

  private static boolean truth(String text) {
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default ->
          throw new IllegalArgumentException("'error' must be true or false, got '" + text + "'");
    };
  }

  /** Whether the rule is looked at. */
  public boolean covers(Rule rule) {
    if (rule.experimental()) {
      return names(experimental, rule);
    }
    return !names(skip, rule);
  }

  private static boolean names(Set<String> set, Rule rule) {
    return set.contains(ALL) || set.contains(rule.id().toLowerCase(Locale.ROOT));
  }
}
