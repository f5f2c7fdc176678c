package dev.jbuild.cli.progress;

/** Colours of the drawn frame. */
public enum Palette {
  NONE("", ""),
  ANSI("\u001b[34m", "\u001b[31m");

  private static final String RESET = "\u001b[0m";

  private final String done;
  private final String failure;

  Palette(String done, String failure) {
    this.done = done;
    this.failure = failure;
  }

  String done(String text) {
    return paint(done, text);
  }

  String failure(String text) {
    return paint(failure, text);
  }

  private static String paint(String color, String text) {
    return color.isEmpty() ? text : color + text + RESET;
  }
}
