package dev.jbuild.cli.e2e;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assertions;

/** How a run of the command line ended. */
record Outcome(int code, String out, String err) {
  private static final Pattern NETWORK =
      Pattern.compile("(?m)^#[0-9]+ [0-9]+\\.[0-9]+ network: (.*)$");
  private static final Pattern AMOUNT = Pattern.compile("[0-9.]+ [kM]?B");

  /** Fails the test, with all that was said, unless the run succeeded. */
  Outcome succeeded() {
    return endedWith(0);
  }

  /** Fails the test, with all that was said, unless the run ended with this exit code. */
  Outcome endedWith(int expected) {
    Assertions.assertEquals(expected, code, () -> "output: " + out + "\nerrors:\n" + err);
    return this;
  }

  /** The text of the {@code error:} line, which is the last one. */
  String error() {
    int at = err.lastIndexOf("error: ");
    return at < 0 ? "" : err.substring(at + "error: ".length()).strip();
  }

  /** The lines on the network in the steps' logs, without their begin; amounts are {@code N}. */
  List<String> network() {
    return NETWORK
        .matcher(err)
        .results()
        .map((MatchResult found) -> AMOUNT.matcher(found.group(1)).replaceAll("N"))
        .toList();
  }

  /** The hints below the {@code error:} line. */
  List<String> hints() {
    return error().lines().skip(1).toList();
  }
}
