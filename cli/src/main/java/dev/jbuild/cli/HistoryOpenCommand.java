package dev.jbuild.cli;

import dev.jbuild.cli.history.History;
import dev.jbuild.cli.history.RefChoice;
import dev.jbuild.cli.history.Story;
import dev.jbuild.cli.history.page.BuildPage;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild history open}: one build as a page. */
final class HistoryOpenCommand implements Command {
  private static final String STDOUT = "-";
  private static final List<String> DISPLAYS = List.of("DISPLAY", "WAYLAND_DISPLAY");

  @Override
  public CommandSpec spec() {
    CommandSpec spec =
        HistoryCommands.spec(
            "Write a build as one page of HTML that needs nothing else: timeline, graph, what each"
                + " step printed, why it ran, what it talked to. Prints the page's path, and opens"
                + " it where there is a display.");
    HistoryCommands.option(
        spec,
        "FILE",
        "the page, - for standard output (a new file for temporary ones)",
        "-o",
        "--output");
    spec.addOption(OptionSpec.builder("--no-browser").description("only write the page").build());
    HistoryCommands.takesRefs(spec);
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    String ref = HistoryCommands.ref(parsed);
    Story story;
    try (History history = HistoryCommands.open(globals, context)) {
      story = history.story(RefChoice.find(history.list(), ref));
    }
    String page = new BuildPage(context.clock().instant()).of(story);
    String output = parsed.matchedOptionValue("--output", "");
    if (output.equals(STDOUT)) {
      context.out().print(page);
      return ExitCode.OK;
    }
    Path file = write(page, output, story.entry().ref(), context.directory());
    context.out().print(file + "\n");
    context.out().flush();
    boolean display =
        DISPLAYS.stream().anyMatch(name -> !context.env().getOrDefault(name, "").isEmpty());
    if (display && !parsed.hasMatchedOption("--no-browser")) {
      browse(file, context);
    }
    return ExitCode.OK;
  }

  private static Path write(String page, String output, String ref, Path directory) {
    try {
      // A new file for temporary ones can be read by its owner only, as a log should be.
      Path file =
          output.isEmpty()
              ? Files.createTempFile("jbuild-" + ref.replaceAll("[^a-z0-9]", "_") + "-", ".html")
              : directory.resolve(output);
      return Files.writeString(file, page);
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "the page can not be written: " + e, e);
    }
  }

  /** What opens files on this desktop; the page is written whether there is one or not. */
  private static void browse(Path file, CliContext context) {
    var program = new ProcessBuilder("xdg-open", file.toString());
    program.environment().putAll(Map.copyOf(context.env()));
    program.redirectOutput(ProcessBuilder.Redirect.DISCARD);
    program.redirectError(ProcessBuilder.Redirect.DISCARD);
    try {
      program.start();
    } catch (IOException e) {
      context.err().println("note: no browser was opened: " + e.getMessage());
    }
  }
}
