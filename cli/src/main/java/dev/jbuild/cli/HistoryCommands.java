package dev.jbuild.cli;

import dev.jbuild.cli.build.Suggestion;
import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.history.History;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** Finds the command that stands after {@code jbuild history}, and what all of them share. */
final class HistoryCommands {
  private static final List<String> WITH_VALUE = List.of("--addr", "--root", "--config");
  private static final Map<String, String> SUMMARIES = summaries();

  private HistoryCommands() {}

  private static Map<String, String> summaries() {
    var summaries = new LinkedHashMap<String, String>();
    summaries.put("ls", "list the builds");
    summaries.put("inspect", "show a build: its steps, why each ran, what it talked to");
    summaries.put("logs", "print what happened in a build");
    summaries.put("open", "write a build as one page of HTML, and open it");
    summaries.put("pin", "keep records whatever the limits are");
    summaries.put("unpin", "let the limits count for records again");
    summaries.put("rm", "delete records");
    return summaries;
  }

  /**
   * A command and its arguments.
   *
   * @param name of the command alone: {@code ls}
   */
  record Found(String name, List<String> args) {
    Found {
      args = List.copyOf(args);
    }
  }

  /**
   * Finds the command.
   *
   * @throws UsageException when there is none, or it is not known
   */
  static Found find(String... args) {
    int at = 0;
    while (at < args.length && args[at].startsWith("-")) {
      at += WITH_VALUE.contains(args[at]) ? 2 : 1;
    }
    if (at >= args.length) {
      throw new UsageException("no history command given; want " + words());
    }
    String name = args[at];
    if (!SUMMARIES.containsKey(name)) {
      throw new UsageException(
          "unknown history command '" + name + "'" + Suggestion.of(name, SUMMARIES.keySet()));
    }
    var rest = new ArrayList<String>(List.of(args));
    rest.remove(at);
    return new Found(name, rest);
  }

  private static String words() {
    return String.join(", ", SUMMARIES.keySet());
  }

  /** Makes a command that {@link #find} found. */
  static Command make(String name) {
    return switch (name) {
      case "ls" -> new HistoryLsCommand();
      case "inspect" -> new HistoryInspectCommand();
      case "logs" -> new HistoryLogsCommand();
      case "open" -> new HistoryOpenCommand();
      case "pin" -> new HistoryPinCommand(true);
      case "unpin" -> new HistoryPinCommand(false);
      case "rm" -> new HistoryRmCommand();
      default -> throw new IllegalStateException("unknown command " + name);
    };
  }

  /** What {@code jbuild history --help} shows. */
  static String help() {
    var text = new StringBuilder("Usage: jbuild history COMMAND [REF]\n\n");
    text.append("Shows the builds of a daemon (--addr) or of a state directory.\n\nCommands:\n");
    SUMMARIES.forEach(
        (name, summary) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(10 - name.length()))
                .append(summary)
                .append("\n"));
    return text.append("\nREF is a build's ref, the beginning of one, or a place: ^0 for the build")
        .append(" that\nbegan last, ^1 for the one before; without REF it is ^0.\n")
        .append("See 'jbuild history COMMAND --help'.\n")
        .toString();
  }

  static CommandSpec spec(String description) {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description(description);
    return spec;
  }

  /** Lets a command take refs. */
  static void takesRefs(CommandSpec spec) {
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("REF")
            .index("0..*")
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .description("a build's ref, the beginning of one, or ^0, ^1, ... for the last ones")
            .build());
  }

  static List<String> refs(ParseResult parsed) {
    return parsed.matchedPositionalValue(0, List.<String>of());
  }

  /** The only ref; empty for the build that began last. */
  static String ref(ParseResult parsed) {
    List<String> refs = refs(parsed);
    if (refs.size() > 1) {
      throw new UsageException(
          "one ref wanted, got " + refs.size() + ": " + String.join(" ", refs));
    }
    return refs.isEmpty() ? "" : refs.get(0);
  }

  static void option(CommandSpec spec, String label, String description, String... names) {
    spec.addOption(
        OptionSpec.builder(names)
            .paramLabel(label)
            .type(String.class)
            .description(description)
            .build());
  }

  /** Whether {@code --format} asks for JSON instead of what people read. */
  static boolean json(ParseResult parsed, String otherwise) {
    String format = parsed.matchedOptionValue("--format", otherwise);
    if (format.equals("json")) {
      return true;
    }
    if (format.equals(otherwise)) {
      return false;
    }
    throw new UsageException("--format: want " + otherwise + " or json, got '" + format + "'");
  }

  /** The history that the options choose; the caller closes it. */
  static History open(Globals globals, CliContext context) {
    return context.engines().history(globals.choice(new TreeSet<>()));
  }
}
