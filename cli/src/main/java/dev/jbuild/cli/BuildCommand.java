package dev.jbuild.cli;

import dev.jbuild.cli.build.BuildOptions;
import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.build.BuildPlanner;
import dev.jbuild.cli.build.OutputSpec;
import dev.jbuild.cli.build.UnpackedContext;
import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.cli.progress.LiveProgress;
import dev.jbuild.cli.progress.Palette;
import dev.jbuild.cli.progress.PlainRenderer;
import dev.jbuild.cli.progress.QuietRenderer;
import dev.jbuild.cli.progress.Renderer;
import dev.jbuild.cli.progress.TtyRenderer;
import dev.jbuild.error.BuildException;
import java.io.PrintStream;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild build}: plans, shows the first line, and only then wakes an engine. */
final class BuildCommand implements Command {

  @Override
  public CommandSpec spec() {
    return BuildFlags.spec();
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    BuildOptions options = BuildFlags.read(parsed, context.env().get("JBUILD_PROGRESS"));
    BuildPlan plan =
        new BuildPlanner(context.env(), context.directory(), context.in()).plan(options);
    boolean toStdout =
        plan.outputs().stream().anyMatch(output -> OutputSpec.STDOUT.equals(output.destination()));
    if (toStdout && context.terminal().outputIsTerminal()) {
      throw new UsageException(
          "--output: an archive is not written to a terminal; redirect it or give dest=FILE");
    }
    var report = new NetworkReportFile(options.network().report(), context);
    report.check(toStdout, options.progress() == BuildOptions.ProgressMode.QUIET);
    Thread builder = Thread.currentThread();
    Map<String, String> response;
    var cancel = context.cancellation().onCancel(builder::interrupt);
    try (var progress = new LiveProgress(renderer(options, context))) {
      progress.begin("jbuild: " + plan.dockerfile().name() + " " + globals.place());
      response = build(plan, globals, context, progress, options, report);
      progress.end();
      warnings(progress, context.err());
      report.write();
    } finally {
      cancel.close();
    }
    var result = new BuildResult(response);
    if (options.call().asks()) {
      return result.answer(options.call(), context);
    }
    result.report(options, plan, toStdout, context);
    return ExitCode.OK;
  }

  private static Map<String, String> build(
      BuildPlan plan,
      Globals globals,
      CliContext context,
      LiveProgress progress,
      BuildOptions options,
      NetworkReportFile report)
      throws InterruptedException {
    try (var ticker = new Ticker();
        var unpacked = UnpackedContext.of(plan, context.env());
        var engine = context.engines().open(globals.choice(plan.entitlements()))) {
      if (drawn(options, context)) {
        ticker.start(progress::tick);
      }
      return built(engine, unpacked.plan(), context, progress, report);
    } catch (BuildException failure) {
      progress.end();
      warnings(progress, context.err());
      report.writeAfter(failure);
      if (!context.cancellation().cancelled()) {
        FailureReport.print(failure, progress, context.err());
      }
      throw failure;
    }
  }

  /** The report is fetched while the engine is there, and of a failed build as well. */
  private static Map<String, String> built(
      Engine engine,
      BuildPlan plan,
      CliContext context,
      LiveProgress progress,
      NetworkReportFile report)
      throws InterruptedException {
    Map<String, String> response;
    try {
      response = engine.build(plan, context.out(), progress::accept);
    } catch (BuildException failure) {
      report.fetch(engine);
      throw failure;
    }
    report.fetch(engine);
    return response;
  }

  private static boolean drawn(BuildOptions options, CliContext context) {
    return switch (options.progress()) {
      case AUTO -> context.terminal().drawable();
      case TTY -> true;
      case PLAIN, QUIET -> false;
    };
  }

  private static Renderer renderer(BuildOptions options, CliContext context) {
    if (options.progress() == BuildOptions.ProgressMode.QUIET) {
      return new QuietRenderer();
    }
    if (!drawn(options, context)) {
      return new PlainRenderer(context.err());
    }
    String noColor = context.env().getOrDefault("NO_COLOR", "");
    return new TtyRenderer(
        context.err(),
        context.terminal(),
        noColor.isEmpty() ? Palette.ANSI : Palette.NONE,
        context.clock());
  }

  private static void warnings(LiveProgress progress, PrintStream err) {
    for (BuildEvent.Warning warning : progress.warnings()) {
      String place = warning.place().isEmpty() ? "" : warning.place() + ": ";
      err.println("warning: " + place + warning.text());
    }
  }
}
