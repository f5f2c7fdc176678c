package dev.jbuild.dockerfile.fuzz;

import java.io.IOException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The invariants hold for all golden cases, which the fuzzer's finds become. */
class GoldenInputsTest {
  private static final int LONG = 20_000;

  @ParameterizedTest
  @EnumSource
  void keepTheInvariants(Target target) throws IOException {
    for (String seed : target.seeds()) {
      check(target, seed);
    }
  }

  /** Time and memory grow with the length, not with its square: the targets bound both. */
  @ParameterizedTest
  @EnumSource(names = {"PARSE", "CONVERT"})
  void keepThemAlsoWhenVeryLong(Target target) throws IOException {
    for (String seed : target.seeds()) {
      if (!seed.isEmpty() && seed.length() < LONG) {
        check(target, (seed + "\n").repeat(LONG / (seed.length() + 1)));
      }
    }
  }

  private static void check(Target target, String input) {
    try {
      target.check(input);
    } catch (RuntimeException | AssertionError e) {
      String shown = input.length() > 2000 ? input.substring(0, 2000) + "..." : input;
      throw new AssertionError(e.getMessage() + "; input:\n" + shown, e);
    }
  }
}
