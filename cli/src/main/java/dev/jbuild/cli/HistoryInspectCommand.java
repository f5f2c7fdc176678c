package dev.jbuild.cli;

import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.Inspection;
import dev.jbuild.cli.history.RefChoice;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.StoryJsonText;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild history inspect}: one build with its steps. */
final class HistoryInspectCommand implements Command {

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        HistoryCommands.spec(
            "Show a build: request, result, and each step with its time, why it ran or was"
                + " cached, and what it talked to.");
    HistoryCommands.option(spec, "FORMAT", "pretty, or json: one object", "--format");
    HistoryCommands.takesRefs(spec);
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    boolean json = HistoryCommands.json(parsed, "pretty");
    String ref = HistoryCommands.ref(parsed);
    Story story;
    try (History history = HistoryCommands.open(globals, context)) {
      story = history.story(RefChoice.find(history.list(), ref));
    }
    String text =
        json ? StoryJsonText.of(story) + "\n" : new Inspection(context.clock().instant()).of(story);
    context.out().print(text);
    return ExitCode.OK;
  }
}
