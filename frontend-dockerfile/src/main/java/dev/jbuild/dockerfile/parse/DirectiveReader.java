package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code # name=value} comments at the top of a file; the first other line ends them. */
final class DirectiveReader {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9]*");
  private static final Set<String> NAMES = Set.of("syntax", "escape", "check");

  private final SourceFile file;
  private final List<SyntaxTree.Directive> found = new ArrayList<>();
  private boolean over;
  private char escape = '\\';

  DirectiveReader(SourceFile file) {
    this.file = file;
  }

  /** Whether this line, given from its first non-blank character on, is a directive. */
  boolean accept(String line, int number, int indent) {
    if (over) {
      return false;
    }
    if (number == 1 && line.startsWith("#!")) {
      return true;
    }
    int equals = line.startsWith("#") ? line.indexOf('=') : -1;
    String word = equals < 0 ? "" : line.substring(1, equals).strip();
    String name = NAME.matcher(word).matches() ? word.toLowerCase(Locale.ROOT) : "";
    String value = line.substring(equals + 1).strip();
    if (!NAMES.contains(name) || value.isEmpty()) {
      over = true;
      return false;
    }
    var range = new SourceRange(number, indent, number, indent + line.stripTrailing().length());
    for (SyntaxTree.Directive directive : found) {
      if (directive.name().equals(name)) {
        throw file.error(
            range,
            "parser directive '"
                + name
                + "' is given twice, first on line "
                + directive.range().startLine());
      }
    }
    var directive = new SyntaxTree.Directive(name, value, range);
    found.add(directive);
    if (name.equals("escape")) {
      readEscape(directive);
    }
    return true;
  }

  private void readEscape(SyntaxTree.Directive directive) {
    String value = directive.value();
    if (!value.equals("\\") && !value.equals("`")) {
      throw file.error(
          directive.range(),
          "parser directive 'escape' must be a backslash or a backtick, got '" + value + "'");
    }
    escape = value.charAt(0);
  }

  char escape() {
    return escape;
  }

  List<SyntaxTree.Directive> found() {
    return found;
  }
}
