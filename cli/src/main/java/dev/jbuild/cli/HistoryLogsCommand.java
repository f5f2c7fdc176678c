package dev.jbuild.cli;

import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.RefChoice;
import dev.jbuild.cli.progress.LiveProgress;
import dev.jbuild.cli.progress.PlainRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * {@code jbuild history logs}: what the build printed when it ran; of one that runs, as it does.
 */
final class HistoryLogsCommand implements Command {

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        HistoryCommands.spec(
            "Print what happened in a build, as 'jbuild build --progress=plain' does. Of a build"
                + " that runs, what happens is printed until it ends.");
    HistoryCommands.takesRefs(spec);
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    String ref = HistoryCommands.ref(parsed);
    try (History history = HistoryCommands.open(globals, context);
        var progress = new LiveProgress(new PlainRenderer(context.out()))) {
      history.replay(RefChoice.find(history.list(), ref).ref(), progress::accept);
    }
    return ExitCode.OK;
  }
}
