package dev.jbuild.dockerfile.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Jazzer looks for inputs that break an invariant, guided by the code that they reach: always from
 * the same beginning here, from another each time with {@code tools/fuzz [target] [seconds]}. What
 * it finds becomes a golden case.
 */
class FuzzTest {
  private static final Pattern RUNS = Pattern.compile("stat::number_of_executed_units: +([0-9]+)");
  private static final Pattern COVERED = Pattern.compile("INITED cov: ([0-9]+)");

  static Stream<Target> targets() {
    return Target.named(System.getProperty("jbuild.fuzz.target", ""));
  }

  @ParameterizedTest
  @MethodSource("targets")
  @Timeout(7200)
  void findsNothingThatBreaksAnInvariant(Target target) throws IOException, InterruptedException {
    String arch = System.getProperty("os.arch");
    assumeTrue(
        List.of("amd64", "aarch64").contains(arch), "Jazzer has no native library for " + arch);
    var run = new JazzerRun(target);
    Long seconds = Long.getLong("jbuild.fuzz.seconds");
    int inputs = target.seeds().size() + target.inputs();
    JazzerRun.Report report = seconds == null ? run.same(inputs) : run.fuzz(seconds);
    if (report.exitCode() != 0) {
      throw new AssertionError(
          "found " + run.finds() + " (make each a golden case); " + tail(report.log()));
    }
    assertEquals(List.of(), run.finds(), "found before; fix it and remove the file");
    assertTrue(number(COVERED, report.log()) > 100, "nothing is instrumented: " + report.log());
    assertTrue(number(RUNS, report.log()) > inputs / 2, "too few runs: " + report.log());
  }

  private static long number(Pattern pattern, String log) {
    Matcher matcher = pattern.matcher(log);
    return matcher.find() ? Long.parseLong(matcher.group(1)) : 0;
  }

  private static String tail(String log) {
    List<String> lines = log.lines().toList();
    int from = lines.size();
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).contains("Java Exception") || lines.get(i).startsWith("==")) {
        from = i;
        break;
      }
    }
    from = Math.min(from, Math.max(0, lines.size() - 40));
    return String.join("\n", lines.subList(from, Math.min(lines.size(), from + 60)));
  }
}
