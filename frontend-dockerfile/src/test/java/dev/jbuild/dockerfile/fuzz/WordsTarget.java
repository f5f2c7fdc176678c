package dev.jbuild.dockerfile.fuzz;

import static dev.jbuild.dockerfile.fuzz.Invariants.require;

import dev.jbuild.dockerfile.shell.Expansion;
import dev.jbuild.dockerfile.shell.ShellSyntaxException;
import dev.jbuild.dockerfile.shell.WordExpander;
import java.util.HashMap;
import java.util.Map;

/** Lines {@code set name=value}, {@code escape `}, then {@code word} and any text. */
public final class WordsTarget {
  private static final int MAX_GROWTH = 1 << 20;

  private WordsTarget() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = Invariants.text(input);
    Map<String, String> variables = new HashMap<>();
    char escape = '\\';
    String rest = text;
    while (!rest.startsWith("word ")) {
      int end = rest.indexOf('\n');
      String line = end < 0 ? rest : rest.substring(0, end);
      int equals = line.indexOf('=');
      if (line.startsWith("set ") && equals > 0) {
        variables.put(line.substring(4, Math.max(4, equals)), line.substring(equals + 1));
      } else if (line.equals("escape `")) {
        escape = '`';
      }
      if (end < 0) {
        return;
      }
      rest = rest.substring(end + 1);
    }
    String word = rest.substring(5);
    for (WordExpander expander :
        new WordExpander[] {
          WordExpander.forInstructions(escape),
          WordExpander.forDisplay(escape),
          WordExpander.forDocuments()
        }) {
      check(expander, word, variables);
    }
  }

  /** The bound of the result, some times over, and a few objects a character. */
  private static long budget(String word, Map<String, String> variables) {
    long values = variables.values().stream().mapToLong(String::length).sum();
    return 40L * MAX_GROWTH + 1024L * (word.length() + values);
  }

  private static void check(WordExpander expander, String word, Map<String, String> variables) {
    try {
      Expansion expansion = expanded(expander, word, variables);
      int length = expansion.text().length();
      require(length <= 2 * (MAX_GROWTH + word.length()), "expanded to " + length + " characters");
      for (String name : expansion.unset()) {
        require(!variables.containsKey(name), "'" + name + "' is said to be unset");
      }
      if (word.indexOf('$') < 0) {
        require(expansion.unset().isEmpty(), "names a variable that is not there");
      }
      require(expansion.equals(expanded(expander, word, variables)), "expanded differently");
    } catch (ShellSyntaxException e) {
      require(e.offset() >= 0 && e.offset() <= word.length(), "an error at " + e.offset());
      require(!e.reason().isBlank(), "an error without text");
    }
  }

  private static Expansion expanded(
      WordExpander expander, String word, Map<String, String> variables)
      throws ShellSyntaxException {
    return Invariants.within(budget(word, variables), () -> expander.expand(word, variables::get));
  }
}
