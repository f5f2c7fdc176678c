package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.llb.Attempts;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Reads what RUN's own flags say of its time and of further attempts. */
record AttemptsReader(SourceFile file, Flags flags) {
  private static final Duration DELAY = Duration.ofSeconds(2);
  private static final Duration SHORTEST = Duration.ofMillis(1);

  Attempts read() {
    Duration timeout = duration("timeout", Duration.ZERO);
    Word times = flags.value("retry");
    Word delay = flags.value("retry-delay");
    if (times == null && delay != null) {
      throw file.error(delay.range(), "flag '--retry-delay' needs '--retry=N' beside it");
    }
    int retries = retries(times);
    return new Attempts(
        timeout, retries, retries == 0 ? Duration.ZERO : duration("retry-delay", DELAY));
  }

  private Duration duration(String flag, Duration otherwise) {
    Word word = flags.value(flag);
    if (word == null) {
      return otherwise;
    }
    try {
      Duration duration = GoDuration.parse(word.text());
      if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(Attempts.LONGEST) <= 0) {
        return duration;
      }
    } catch (IllegalArgumentException e) {
      // said below
    }
    throw file.error(
        word.range(),
        "flag '--"
            + flag
            + "' must be a duration from 1ms to 168h, such as 30s or 5m, got '"
            + word.text()
            + "'");
  }

  private int retries(@Nullable Word word) {
    if (word == null) {
      return 0;
    }
    try {
      int retries = Integer.parseInt(word.text());
      if (retries >= 0 && retries <= Attempts.MAX_RETRIES) {
        return retries;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw file.error(
        word.range(),
        "flag '--retry' must be a number from 0 to "
            + Attempts.MAX_RETRIES
            + ", how often to try again after a failure, got '"
            + word.text()
            + "'");
  }
}
