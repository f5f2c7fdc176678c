package dev.jbuild.dockerfile.convert;

/** Names of one stage's vertices: {@code [build 2/5] RUN make}. Not thread safe. */
final class StepNames {
  private final String platform;
  private final String stage;
  private final int total;
  private int last;

  /**
   * @param platform shown in builds for several platforms, else empty
   * @param stage empty where the file has only one
   * @param total how many numbers will be given
   */
  StepNames(String platform, String stage, int total) {
    this.platform = platform;
    this.stage = stage;
    this.total = total;
  }

  /** The name for the next step. */
  String next(String text) {
    last++;
    return again(text);
  }

  /** A name with the number of the step before. */
  String again(String text) {
    String number = String.valueOf(last);
    String all = String.valueOf(Math.max(total, last));
    return "["
        + (platform.isEmpty() ? "" : platform + " ")
        + (stage.isEmpty() ? "" : stage + " ")
        + " ".repeat(all.length() - number.length())
        + number
        + "/"
        + all
        + "] "
        + text;
  }
}
