package dev.jbuild.cli.e2e;

import org.junit.jupiter.api.Assertions;

/** How a run of the command line ended. */
record Outcome(int code, String out, String err) {

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
}
