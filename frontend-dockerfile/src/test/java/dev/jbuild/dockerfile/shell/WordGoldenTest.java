package dev.jbuild.dockerfile.shell;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Words and what they expand to, written by hand: {@code set name=value}, {@code escape `}, {@code
 * kind document}, {@code word ...}, and then {@code text ...}, {@code words a|b}, {@code unset a b}
 * or {@code error offset message}. All that a case says is checked.
 */
class WordGoldenTest {
  private static final Path ROOT = Path.of("..", "testdata", "dockerfile", "words");

  static List<Path> cases() throws IOException {
    try (Stream<Path> files = Files.list(ROOT)) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void expandsAsTheCaseSays(Path file) throws IOException {
    Map<String, String> variables = new HashMap<>();
    Map<String, String> said = new HashMap<>();
    List<String> wanted = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      int blank = line.indexOf(' ');
      String key = line.substring(0, blank);
      String value = line.substring(blank + 1);
      switch (key) {
        case "set" -> {
          int equals = value.indexOf('=');
          variables.put(value.substring(0, equals), value.substring(equals + 1));
        }
        case "escape", "kind", "word" -> said.put(key, value);
        default -> wanted.add(line);
      }
    }
    assertEquals(String.join("\n", wanted), String.join("\n", actual(said, variables, wanted)));
  }

  private static List<String> actual(
      Map<String, String> said, Map<String, String> variables, List<String> wanted) {
    char escape = said.getOrDefault("escape", "\\").charAt(0);
    WordExpander expander =
        switch (said.getOrDefault("kind", "instruction")) {
          case "document" -> WordExpander.forDocuments();
          case "display" -> WordExpander.forDisplay(escape);
          default -> WordExpander.forInstructions(escape);
        };
    List<String> actual = new ArrayList<>();
    try {
      Expansion expansion = expander.expand(said.getOrDefault("word", ""), variables::get);
      for (String line : wanted) {
        switch (line.substring(0, line.indexOf(' '))) {
          case "words" -> actual.add("words " + String.join("|", expansion.words()));
          case "unset" -> actual.add("unset " + String.join(" ", expansion.unset()));
          default -> actual.add("text " + expansion.text());
        }
      }
    } catch (ShellSyntaxException e) {
      actual.add("error " + e.offset() + " " + e.reason());
    }
    return actual;
  }
}
