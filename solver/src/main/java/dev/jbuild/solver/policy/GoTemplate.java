package dev.jbuild.solver.policy;

import java.util.function.UnaryOperator;

/**
 * Texts with <code>$name</code> and <code>${name}</code>, as policies for Go programs have them: a
 * name is as long as letters, digits and underscores go, <code>$$</code> is a dollar sign, and one
 * that begins no name stands for itself. Source: Go's package {@code regexp}, {@code Expand}.
 */
final class GoTemplate {
  private GoTemplate() {}

  /**
   * Puts values in.
   *
   * @param values of names; empty for one that is not known
   */
  static String expand(String template, UnaryOperator<String> values) {
    var made = new StringBuilder();
    int at = 0;
    while (at < template.length()) {
      if (made.length() > SourcePolicies.MAX_IDENTIFIER) {
        // It is refused for its length: how much longer it would be does not matter.
        return made.toString();
      }
      char c = template.charAt(at);
      if (c != '$') {
        made.append(c);
        at++;
      } else if (template.startsWith("$$", at)) {
        made.append('$');
        at += 2;
      } else {
        boolean braced = template.startsWith("${", at);
        int start = at + (braced ? 2 : 1);
        int end = nameEnd(template, start);
        boolean named = end > start && (!braced || template.startsWith("}", end));
        made.append(named ? values.apply(template.substring(start, end)) : "$");
        at = named ? end + (braced ? 1 : 0) : at + 1;
      }
    }
    return made.toString();
  }

  private static int nameEnd(String template, int start) {
    int end = start;
    while (end < template.length()) {
      int c = template.codePointAt(end);
      if (!Character.isLetter(c) && !Character.isDigit(c) && c != '_') {
        break;
      }
      end += Character.charCount(c);
    }
    return end;
  }

  /** The number that a name is, -1 when it is none: one with a zero in front is a word. */
  static int index(String name) {
    boolean number =
        name.length() <= 6
            && name.chars().allMatch(c -> c >= '0' && c <= '9')
            && (name.length() == 1 || name.charAt(0) != '0');
    return number ? Integer.parseInt(name) : -1;
  }
}
