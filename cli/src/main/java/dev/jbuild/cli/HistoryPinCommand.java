package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.RefChoice;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild history pin} and {@code unpin}. */
record HistoryPinCommand(boolean pins) implements Command {

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        HistoryCommands.spec(
            pins
                ? "Keep records whatever the limits of age and number are."
                : "Let the limits of age and number count for records again.");
    HistoryCommands.takesRefs(spec);
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    List<String> refs = HistoryCommands.refs(parsed);
    if (refs.isEmpty()) {
      throw new UsageException("no build given; name its ref, or ^0 for the last one");
    }
    try (History history = HistoryCommands.open(globals, context)) {
      List<BuildEntry> builds = history.list();
      var chosen = refs.stream().map(ref -> RefChoice.find(builds, ref).ref()).toList();
      for (String ref : chosen) {
        history.pin(ref, pins);
        context.out().print(ref + "\n");
      }
    }
    return ExitCode.OK;
  }
}
