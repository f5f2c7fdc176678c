package dev.jbuild.dockerfile.shell;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one word once. Not thread safe. */
final class WordReader {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_GROWTH = 1 << 20;
  private static final long MAX_WORK = 4L * MAX_GROWTH;
  private static final char END = '\0';

  private final String input;
  private final WordRules rules;
  private final Variables variables;
  private final Growth growth;
  private final Set<String> used = new LinkedHashSet<>();
  private final Set<String> unset = new LinkedHashSet<>();
  private final long before;
  private int at;
  private int depth;

  WordReader(String input, WordRules rules, Variables variables, Growth growth) {
    this.input = input;
    this.rules = rules;
    this.variables = variables;
    this.growth = growth;
    this.before = growth.characters();
  }

  Expansion expand() throws ShellSyntaxException {
    var sink = new WordSink();
    read(sink, END, false);
    String text = sink.text();
    return new Expansion(text, sink.words(text), used, unset);
  }

  /**
   * Reads up to the stop character, which is used up.
   *
   * @param keepEscapes whether escapes stay in the result: a pattern reads them itself
   */
  private void read(WordSink sink, char stop, boolean keepEscapes) throws ShellSyntaxException {
    int start = at;
    while (at < input.length()) {
      char c = input.charAt(at);
      if (stop != END && c == stop) {
        at++;
        return;
      }
      if (c == '$') {
        sink.addOpen(dollar());
      } else if (c == '\'' && rules.quotes() != WordRules.Quotes.TEXT) {
        sink.addClosed(singleQuoted());
      } else if (c == '"' && rules.quotes() != WordRules.Quotes.TEXT) {
        sink.addClosed(doubleQuoted(keepEscapes));
      } else if (c == rules.escape()) {
        sink.addClosed(escaped(keepEscapes));
      } else {
        sink.addOpen(character());
      }
      checkLength(sink.length(), start);
    }
    if (stop != END) {
      throw new ShellSyntaxException("'" + stop + "' is missing", input.length());
    }
  }

  private void checkLength(int length, int start) throws ShellSyntaxException {
    if (length > MAX_GROWTH + input.length()) {
      throw new ShellSyntaxException("expands to more than " + MAX_GROWTH + " characters", start);
    }
  }

  private String character() {
    int codePoint = input.codePointAt(at);
    at += Character.charCount(codePoint);
    return Character.toString(codePoint);
  }

  /** An escape at the very end is dropped. */
  private String escaped(boolean keepEscapes) {
    at++;
    String kept = keepEscapes ? String.valueOf(rules.escape()) : "";
    return at < input.length() ? kept + character() : kept;
  }

  private String singleQuoted() throws ShellSyntaxException {
    int end = input.indexOf('\'', at + 1);
    if (end < 0) {
      throw new ShellSyntaxException("a single quote is not closed", at);
    }
    boolean keep = rules.quotes() == WordRules.Quotes.KEPT;
    String text = keep ? input.substring(at, end + 1) : input.substring(at + 1, end);
    at = end + 1;
    return text;
  }

  private String doubleQuoted(boolean keepEscapes) throws ShellSyntaxException {
    int open = at++;
    boolean keep = rules.quotes() == WordRules.Quotes.KEPT;
    var out = new StringBuilder(keep ? "\"" : "");
    while (at < input.length()) {
      char c = input.charAt(at);
      if (c == '"') {
        at++;
        return out.append(keep ? "\"" : "").toString();
      }
      if (c == '$') {
        out.append(dollar());
      } else if (c == rules.escape()) {
        out.append(escapedInQuotes(keepEscapes));
      } else {
        out.append(character());
      }
      checkLength(out.length(), open);
    }
    throw new ShellSyntaxException("a double quote is not closed", open);
  }

  /** Between double quotes only the quote, the dollar and the escape itself can be escaped. */
  private String escapedInQuotes(boolean keepEscapes) {
    String escape = character();
    if (at == input.length()) {
      return keepEscapes ? escape : "";
    }
    char next = input.charAt(at);
    if (next != '"' && next != '$' && next != rules.escape()) {
      return keepEscapes ? escape + escape : escape;
    }
    return (keepEscapes ? escape : "") + character();
  }

  private String dollar() throws ShellSyntaxException {
    int start = at;
    String text = reference();
    growth.add(text.length());
    if (growth.characters() - before > MAX_WORK) {
      throw new ShellSyntaxException(
          "puts in more than " + MAX_WORK + " characters of variables", start);
    }
    return text;
  }

  private String reference() throws ShellSyntaxException {
    int start = at++;
    if (at < input.length() && input.charAt(at) == '{') {
      if (++depth > MAX_DEPTH) {
        throw new ShellSyntaxException("'${' is nested more than " + MAX_DEPTH + " deep", start);
      }
      at++;
      String text = braces(start);
      depth--;
      return text;
    }
    String name = name();
    if (name.isEmpty()) {
      return "$";
    }
    String value = value(name);
    return value == null ? absent(name, start) : value;
  }

  /** What stands for a variable without value. */
  private String absent(String name, int start) {
    if (rules.keepUnset()) {
      return input.substring(start, at);
    }
    unset.add(name);
    return "";
  }

  private @Nullable String value(String name) {
    String value = variables.value(name);
    if (value != null) {
      used.add(name);
    }
    return value;
  }

  /** After the opening brace: name, modifier, closing brace. */
  private String braces(int start) throws ShellSyntaxException {
    String name = name();
    if (at == input.length()) {
      throw new ShellSyntaxException("'}' is missing", start);
    }
    if (name.isEmpty()) {
      throw new ShellSyntaxException("'${' without a variable name", start);
    }
    char modifier = input.charAt(at++);
    return switch (modifier) {
      case '}' -> {
        String value = value(name);
        yield value == null ? absent(name, start) : value;
      }
      case ':' -> conditional(name, start, true);
      case '-', '+', '?' -> {
        at--;
        yield conditional(name, start, false);
      }
      case '#', '%' -> trimmed(name, start, modifier);
      case '/' -> replaced(name, start);
      default ->
          throw new ShellSyntaxException(
              "unsupported modifier '" + modifier + "' in '${" + name + "'", start);
    };
  }

  private String conditional(String name, int start, boolean emptyIsUnset)
      throws ShellSyntaxException {
    char kind = at < input.length() ? input.charAt(at) : END;
    if (kind != '-' && kind != '+' && kind != '?') {
      String shown = ":" + (kind == END ? "" : kind);
      throw new ShellSyntaxException(
          "unsupported modifier '" + shown + "' in '${" + name + "'", start);
    }
    at++;
    String word = nested('}', false, start);
    String value = value(name);
    if (value == null && rules.keepUnset()) {
      return input.substring(start, at);
    }
    boolean present = value != null && !(emptyIsUnset && value.isEmpty());
    if (kind == '+') {
      return present ? word : "";
    }
    if (value != null && present) {
      return value;
    }
    if (kind == '-') {
      return word;
    }
    String why = value == null ? "is not allowed to be unset" : "is not allowed to be empty";
    throw new ShellSyntaxException(name + ": " + (word.isEmpty() ? why : word), start);
  }

  private String trimmed(String name, int start, char kind) throws ShellSyntaxException {
    String word = nested('}', true, start);
    boolean longest = !word.isEmpty() && word.charAt(0) == kind;
    ShellPattern pattern = ShellPattern.of(longest ? word.substring(1) : word, start);
    String value = value(name);
    if (value == null) {
      return absent(name, start);
    }
    growth.add(value.length());
    return kind == '#' ? pattern.trimStart(value, longest) : pattern.trimEnd(value, longest);
  }

  private String replaced(String name, int start) throws ShellSyntaxException {
    boolean all = at < input.length() && input.charAt(at) == '/';
    if (all) {
      at++;
    }
    ShellPattern pattern = ShellPattern.of(nested('/', true, start), start);
    String replacement = nested('}', false, start);
    String value = value(name);
    if (value == null) {
      return absent(name, start);
    }
    growth.add(value.length());
    return pattern.replace(value, replacement, all, MAX_GROWTH, start);
  }

  private String nested(char stop, boolean keepEscapes, int start) throws ShellSyntaxException {
    var sink = new WordSink();
    try {
      read(sink, stop, keepEscapes);
    } catch (ShellSyntaxException e) {
      if (e.offset() == input.length()) {
        throw new ShellSyntaxException(e.reason(), start);
      }
      throw e;
    }
    return sink.text();
  }

  /** Letters, digits, underscores; or digits alone; or one special parameter; or nothing. */
  private String name() {
    int start = at;
    if (at < input.length() && isDigit(input.charAt(at))) {
      while (at < input.length() && isDigit(input.charAt(at))) {
        at++;
      }
    } else if (at < input.length() && "@*#?-$!".indexOf(input.charAt(at)) >= 0) {
      at++;
    } else {
      while (at < input.length() && isNamePart(input.codePointAt(at))) {
        at += Character.charCount(input.codePointAt(at));
      }
    }
    return input.substring(start, at);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isNamePart(int c) {
    return c == '_' || Character.isLetterOrDigit(c);
  }
}
