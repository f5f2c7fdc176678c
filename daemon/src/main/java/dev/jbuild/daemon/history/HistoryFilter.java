package dev.jbuild.daemon.history;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Chooses records. Each text is a list of terms separated by commas, all of which must hold; of
 * several texts one must. Source: reference wire-control, section 7, "Filter".
 */
public final class HistoryFilter {
  /** Chooses all. */
  public static final HistoryFilter ALL = new HistoryFilter(List.of());

  private static final int GRPC_CANCELLED = 1;
  private static final List<String> COMPARISONS = List.of(">=", "<=", ">", "<");
  private static final List<String> MATCHES = List.of("==", "!=", "~=");

  private final List<Predicate<BuildRecord>> alternatives;

  private HistoryFilter(List<Predicate<BuildRecord>> alternatives) {
    this.alternatives = List.copyOf(alternatives);
  }

  /**
   * Reads filters.
   *
   * @param clock for times that are told as ages
   * @throws BuildException INVALID when one can not be understood
   */
  public static HistoryFilter parse(List<String> texts, Clock clock) {
    var alternatives = new ArrayList<Predicate<BuildRecord>>();
    for (String text : texts) {
      Predicate<BuildRecord> all = record -> true;
      for (String term : fields(text)) {
        all = all.and(term(term, clock));
      }
      alternatives.add(all);
    }
    return new HistoryFilter(alternatives);
  }

  /** Whether the record is chosen. */
  public boolean matches(BuildRecord record) {
    return alternatives.isEmpty() || alternatives.stream().anyMatch(a -> a.test(record));
  }

  /** A record's state as filters and clients name it. */
  public static String status(BuildRecord record) {
    BuildRecord.Failure failure = record.failure();
    if (record.completed() == null) {
      return "running";
    }
    if (failure == null) {
      return "completed";
    }
    return failure.code() == GRPC_CANCELLED ? "canceled" : "error";
  }

  /** Fields between commas; one in double quotes may have commas, and quotes doubled. */
  private static List<String> fields(String text) {
    var fields = new ArrayList<String>();
    var field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' && quoted && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        field.append(c);
        i++;
      } else if (c == '"' && (quoted || field.isEmpty())) {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    if (quoted) {
      throw invalid(text, "a quote is not closed");
    }
    fields.add(field.toString());
    return fields.stream().filter(each -> !each.isBlank()).toList();
  }

  private static Predicate<BuildRecord> term(String term, Clock clock) {
    for (String key : List.of("startedAt", "completedAt", "duration")) {
      for (String operator : COMPARISONS) {
        if (term.startsWith(key + operator)) {
          return compared(key, operator, term.substring(key.length() + operator.length()), clock);
        }
      }
    }
    for (String key : List.of("ref", "repository", "status")) {
      for (String operator : MATCHES) {
        if (term.startsWith(key + operator)) {
          return matched(key, operator, unquoted(term.substring(key.length() + 2)));
        }
      }
    }
    throw invalid(
        term,
        "want ref, repository or status with ==, != or ~=, or startedAt, completedAt or duration"
            + " with <, <=, > or >=");
  }

  private static Predicate<BuildRecord> matched(String key, String operator, String value) {
    Predicate<String> test =
        switch (operator) {
          case "~=" -> pattern(value).asPredicate();
          case "!=" -> text -> !text.equals(value);
          default -> text -> text.equals(value);
        };
    return record ->
        test.test(
            switch (key) {
              case "ref" -> record.ref();
              case "status" -> status(record);
              default -> repository(record);
            });
  }

  /** A source given by the client, else a context that is a repository. */
  private static String repository(BuildRecord record) {
    var attrs = record.request().attrs();
    String source = attrs.get("vcs:source");
    if (source != null) {
      return source;
    }
    String context = attrs.getOrDefault("context", "");
    int fragment = context.indexOf('#');
    String remote = fragment < 0 ? context : context.substring(0, fragment);
    boolean git =
        remote.endsWith(".git") || remote.startsWith("git@") || remote.startsWith("git://");
    return git ? remote : "";
  }

  private static Predicate<BuildRecord> compared(
      String key, String operator, String value, Clock clock) {
    if (key.equals("duration")) {
      Duration limit = GoDuration.parse(value);
      if (limit == null) {
        throw invalid(value, "want a duration such as 90s or 1h30m");
      }
      return record -> holds(operator, duration(record).compareTo(limit));
    }
    long limit = time(value, clock).getEpochSecond();
    return record -> {
      Instant at = key.equals("startedAt") ? record.created() : record.completed();
      return holds(operator, Long.compare(at == null ? 0 : at.getEpochSecond(), limit));
    };
  }

  private static Duration duration(BuildRecord record) {
    Instant completed = record.completed();
    return completed == null ? Duration.ZERO : Duration.between(record.created(), completed);
  }

  private static Instant time(String value, Clock clock) {
    Duration age = GoDuration.parse(value);
    if (age != null) {
      return clock.instant().minus(age);
    }
    try {
      return Instant.parse(value);
    } catch (DateTimeException e) {
      throw invalid(value, "want an age such as 24h, or a time such as 2026-01-31T12:00:00Z");
    }
  }

  private static boolean holds(String operator, int comparison) {
    return switch (operator) {
      case ">=" -> comparison >= 0;
      case "<=" -> comparison <= 0;
      case ">" -> comparison > 0;
      default -> comparison < 0;
    };
  }

  private static Pattern pattern(String value) {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      throw invalid(value, e.getDescription());
    }
  }

  private static String unquoted(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }

  private static BuildException invalid(String text, String why) {
    return new BuildException(Code.INVALID, "history filter '" + text + "': " + why);
  }
}
