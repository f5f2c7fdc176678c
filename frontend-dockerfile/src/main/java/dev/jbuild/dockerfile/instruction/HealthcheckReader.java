package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.WordSplitter;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads HEALTHCHECK. */
final class HealthcheckReader {
  private static final Duration SHORTEST = Duration.ofMillis(1);

  private final SourceFile file;
  private final Statement statement;

  HealthcheckReader(SourceFile file, Statement statement) {
    this.file = file;
    this.statement = statement;
  }

  Instruction read() {
    Flags flags =
        Flags.of(
            file, statement, "interval", "timeout", "start-period", "start-interval", "retries");
    Fragment arguments = statement.arguments();
    List<Fragment> words = WordSplitter.splitAtBlanks(arguments);
    if (words.isEmpty()) {
      throw file.error(statement.range(), "HEALTHCHECK needs CMD or NONE, got no argument");
    }
    Fragment type = words.get(0);
    Fragment rest = arguments.slice(type.length(), arguments.length()).strip();
    return new Instruction.Healthcheck(
        statement,
        command(type, rest),
        duration(flags.value("interval")),
        duration(flags.value("timeout")),
        duration(flags.value("start-period")),
        duration(flags.value("start-interval")),
        retries(flags.value("retries")));
  }

  /** Null for NONE. */
  private @Nullable CommandLine command(Fragment type, Fragment rest) {
    String kind = type.text().toUpperCase(Locale.ROOT);
    if (kind.equals("NONE")) {
      if (!rest.isEmpty()) {
        throw file.error(rest.range(), "HEALTHCHECK NONE takes no arguments");
      }
      return null;
    }
    if (!kind.equals("CMD")) {
      throw file.error(
          type.range(),
          "unknown type '"
              + type
              + "' in HEALTHCHECK, want CMD or NONE"
              + Suggestion.of(type.text(), List.of("CMD", "NONE")));
    }
    CommandLine command = JsonForm.command(file, rest);
    boolean empty = command instanceof CommandLine.ExecForm exec && exec.args().isEmpty();
    if (rest.isEmpty() || empty) {
      throw file.error(statement.range(), "HEALTHCHECK CMD needs a command");
    }
    return command;
  }

  private Duration duration(@Nullable Word word) {
    if (word == null) {
      return Duration.ZERO;
    }
    Duration duration;
    try {
      duration = GoDuration.parse(word.text());
    } catch (IllegalArgumentException e) {
      throw file.error(
          word.range(), "want a duration such as 30s or 1m30s, got '" + word.text() + "'");
    }
    if (duration.isNegative() || (!duration.isZero() && duration.compareTo(SHORTEST) < 0)) {
      throw file.error(word.range(), "a duration must be at least 1ms, got '" + word.text() + "'");
    }
    return duration;
  }

  private int retries(@Nullable Word word) {
    if (word == null) {
      return 0;
    }
    try {
      int retries = Integer.parseInt(word.text());
      if (retries >= 0) {
        return retries;
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw file.error(
        word.range(), "flag '--retries' must be a number from 0 on, got '" + word.text() + "'");
  }
}
