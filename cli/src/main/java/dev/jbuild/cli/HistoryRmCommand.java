package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.RefChoice;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild history rm}: deletes records, not what the builds made. */
final class HistoryRmCommand implements Command {

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        HistoryCommands.spec(
            "Delete records of builds; images and cache stay. Prints the refs that are gone.");
    spec.addOption(
        OptionSpec.builder("--all")
            .description("all that are neither pinned nor of a running build")
            .build());
    HistoryCommands.takesRefs(spec);
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    List<String> refs = HistoryCommands.refs(parsed);
    boolean all = parsed.hasMatchedOption("--all");
    if (refs.isEmpty() != all) {
      throw new UsageException(
          all ? "--all and refs can not be given both" : "no build given; name its ref, or --all");
    }
    try (History history = HistoryCommands.open(globals, context)) {
      for (String ref : chosen(history.list(), refs)) {
        history.delete(ref);
        context.out().print(ref + "\n");
      }
    }
    return ExitCode.OK;
  }

  /** All names are looked up before the first record goes: {@code ^0 ^1} are two. */
  private static List<String> chosen(List<BuildEntry> builds, List<String> refs) {
    var chosen = new ArrayList<String>();
    if (refs.isEmpty()) {
      builds.stream()
          .filter(build -> !build.pinned() && build.state() != BuildEntry.State.RUNNING)
          .forEach(build -> chosen.add(build.ref()));
    }
    refs.forEach(ref -> chosen.add(RefChoice.find(builds, ref).ref()));
    return chosen;
  }
}
