package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.HistoryTable;
import dev.jbuild.cli.history.StoryJsonText;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild history ls}: a table of the builds. */
final class HistoryLsCommand implements Command {
  private static final String STATUS = "status=";

  @Override
  public CommandSpec spec() {
    CommandSpec spec = HistoryCommands.spec("List the builds, those that began last first.");
    HistoryCommands.option(spec, "FORMAT", "table, or json: one object a line", "--format");
    HistoryCommands.option(
        spec, "status=WORD", "only running, completed, error or canceled ones", "--filter");
    spec.addOption(OptionSpec.builder("-q", "--quiet").description("only refs").build());
    spec.addOption(OptionSpec.builder("--no-trunc").description("whole names").build());
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    boolean json = HistoryCommands.json(parsed, "table");
    String filter = parsed.matchedOptionValue("--filter", "");
    if (!filter.isEmpty() && Arrays.stream(states()).noneMatch(filter::equals)) {
      throw new UsageException(
          "--filter: want one of " + String.join(", ", states()) + ", got '" + filter + "'");
    }
    List<BuildEntry> builds = new ArrayList<>();
    try (History history = HistoryCommands.open(globals, context)) {
      builds.addAll(history.list());
    }
    builds.removeIf(build -> !filter.isEmpty() && !filter.equals(STATUS + build.state().word()));
    if (json) {
      builds.forEach(build -> context.out().print(StoryJsonText.line(build) + "\n"));
    } else if (parsed.hasMatchedOption("--quiet")) {
      builds.forEach(build -> context.out().print(build.ref() + "\n"));
    } else {
      var table =
          new HistoryTable(context.clock().instant(), parsed.hasMatchedOption("--no-trunc"));
      context.out().print(table.of(builds));
    }
    return ExitCode.OK;
  }

  private static String[] states() {
    return Arrays.stream(BuildEntry.State.values())
        .map(state -> STATUS + state.word())
        .toArray(String[]::new);
  }
}
