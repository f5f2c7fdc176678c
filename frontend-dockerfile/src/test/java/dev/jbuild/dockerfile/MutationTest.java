package dev.jbuild.dockerfile;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.frontend.FrontendRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Dockerfiles of the golden cases, damaged at random: whatever comes, it ends in a graph or in one
 * clear error. A failure prints the seed; {@code -Djbuild.seed=...} replays it, {@code
 * -Djbuild.fuzz.millis=...} goes on for longer.
 */
class MutationTest {
  private static final long BUDGET_MILLIS = Long.getLong("jbuild.fuzz.millis", 3_000);
  private static final List<String> PIECES =
      List.of(
          "$",
          "${",
          "}",
          "${a:-",
          "${a##",
          "${a//",
          "\"",
          "'",
          "\\",
          "`",
          "\n",
          "\r\n",
          " ",
          "\t",
          "<<EOF",
          "EOF",
          "<<-'X'",
          "[",
          "]",
          "\"]",
          ",",
          "=",
          "--",
          "--from=",
          "--mount=type=",
          "#",
          "# escape=`\n",
          "FROM ",
          " AS ",
          "\nRUN ",
          "\nCOPY ",
          "\nONBUILD ",
          ":",
          "@",
          "/",
          "..",
          "*",
          "**",
          "\0",
          "\uD83D",
          "\uFEFF",
          "é",
          "0",
          "-1",
          "99999999999999999999",
          "https://",
          ".git?ref=",
          "git@h:",
          "http://localhost",
          "# check=error=true\n",
          "%",
          "--link ",
          "&&",
          "curl ");

  @Test
  @Timeout(value = 600, unit = TimeUnit.SECONDS)
  void damagedFilesEndInAGraphOrOneClearError() throws Exception {
    long seed = Long.getLong("jbuild.seed", System.nanoTime());
    var random = new Random(seed);
    List<String> texts = texts();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUDGET_MILLIS);
    int runs = 0;
    while (System.nanoTime() < end) {
      String text = damaged(texts.get(random.nextInt(texts.size())), random);
      try {
        check(text);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("seed " + seed + ", run " + runs + ", text:\n" + text, e);
      }
      runs++;
    }
    assertTrue(runs > 50, "only " + runs + " runs");
  }

  private static void check(String text) throws InterruptedException {
    for (Map<String, String> attrs :
        List.of(Map.<String, String>of(), Map.of("requestid", "frontend.lint"))) {
      var bridge = new FakeBridge().file("dockerfile", "Dockerfile", text);
      try {
        Frontends.solve(new FrontendRequest(attrs, Map.of()), bridge);
      } catch (BuildException e) {
        assertTrue(!e.message().isBlank(), "an error without text");
      }
    }
  }

  private static List<String> texts() throws Exception {
    var texts = new ArrayList<String>();
    for (String area : List.of("llb", "parse", "errors", "checks", "requests")) {
      for (Path folder : GoldenCases.of(area)) {
        String text = Files.readString(folder.resolve("Dockerfile"));
        if (!text.isEmpty() && text.length() < 10_000) {
          texts.add(text);
        }
      }
    }
    return texts;
  }

  private static String damaged(String text, Random random) {
    var out = new StringBuilder(text);
    int changes = 1 + random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int at = random.nextInt(out.length() + 1);
      int length = Math.min(random.nextInt(8), out.length() - at);
      switch (random.nextInt(3)) {
        case 0 -> out.delete(at, at + length);
        case 1 -> out.insert(at, PIECES.get(random.nextInt(PIECES.size())));
        default -> out.insert(at, out.substring(at, at + length).repeat(1 + random.nextInt(3)));
      }
    }
    return out.toString();
  }
}
