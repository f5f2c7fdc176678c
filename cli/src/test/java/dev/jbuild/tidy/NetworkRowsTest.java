package dev.jbuild.tidy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rows of the network behaviours that hold for steps, each with a test that names it. */
class NetworkRowsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("@DisplayName\\(\\s*\"((?:S[0-9]+ )+)");
  private static final Pattern ROW = Pattern.compile("S([0-9]+)");

  /** Rows of the host mode and of the mode set, then single ones of the bridge. */
  private static final int LAST_OF_THE_MODES = 39;

  private static final List<Integer> OF_THE_BRIDGE = List.of(43, 44, 57, 62, 63, 64, 66, 68);

  private static final Map<Integer, String> WITHOUT_A_TEST =
      Map.of(
          17, "published ports are a container's",
          18, "published ports are a container's",
          27, "a benchmark: bench/run compares the modes",
          28, "published port ranges are a container's",
          32, "removal after the stop is a container's",
          33, "docs/networking.md, out of scope: Docker Desktop",
          34, "docs/networking.md, out of scope: Swarm",
          36, "joining a container's network comes with networks by name");

  @Test
  void everyRowThatHoldsForAStepHasATestWithItsNumber() throws IOException {
    var missing = new TreeSet<Integer>();
    IntStream.rangeClosed(1, LAST_OF_THE_MODES).forEach(missing::add);
    missing.addAll(OF_THE_BRIDGE);
    missing.removeAll(WITHOUT_A_TEST.keySet());
    missing.removeAll(rowsOf(testSources()));
    assertEquals("[]", missing.toString());
  }

  @Test
  void noRowWithATestIsAnException() throws IOException {
    var both = rowsOf(testSources());
    both.retainAll(WITHOUT_A_TEST.keySet());
    assertEquals("[]", both.toString());
  }

  @Test
  void exceptionsThatAreDocumentedStandInTheDocumentation() throws IOException {
    String text = Files.readString(ROOT.resolve("docs/networking.md"));
    for (var exception : WITHOUT_A_TEST.entrySet()) {
      if (exception.getValue().startsWith("docs/networking.md")) {
        assertTrue(text.contains("S" + exception.getKey()), "S" + exception.getKey());
      }
    }
  }

  @Test
  void numbersAreReadFromTheBeginOfANameOnly() {
    assertEquals(
        "[2, 57]", rowsOf(List.of("@DisplayName(\"S2 S57 not like S44\")\n// S3\n")).toString());
    assertEquals("[4]", rowsOf(List.of("@DisplayName(\n      \"S4 on two lines\")")).toString());
  }

  private static Set<Integer> rowsOf(List<String> sources) {
    var rows = new TreeSet<Integer>();
    sources.stream()
        .flatMap(text -> NAME.matcher(text).results())
        .map(found -> found.group(1))
        .flatMap(numbers -> ROW.matcher(numbers).results())
        .map((MatchResult found) -> Integer.valueOf(found.group(1)))
        .forEach(rows::add);
    return rows;
  }

  private static List<String> testSources() throws IOException {
    var texts = new ArrayList<String>();
    try (Stream<Path> modules = Files.list(ROOT)) {
      for (Path module : modules.sorted().toList()) {
        Path tests = module.resolve("src/test/java");
        if (!Files.isDirectory(tests)) {
          continue;
        }
        try (Stream<Path> walk = Files.walk(tests)) {
          for (Path file : walk.filter(p -> p.toString().endsWith(".java")).sorted().toList()) {
            if (!file.endsWith("NetworkRowsTest.java")) {
              texts.add(Files.readString(file));
            }
          }
        }
      }
    }
    return texts;
  }
}
