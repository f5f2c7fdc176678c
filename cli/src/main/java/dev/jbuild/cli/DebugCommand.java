package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.engine.Engines;
import java.util.List;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild debug workers}: asks a daemon whether it is there, as buildx's drivers do. */
final class DebugCommand implements Command {

  @Override
  public CommandSpec spec() {
    CommandSpec spec = CommandSpec.create();
    spec.usageMessage().description("List the workers of a daemon.");
    spec.addPositional(
        PositionalParamSpec.builder()
            .paramLabel("workers")
            .arity("1")
            .type(String.class)
            .description("what to show")
            .build());
    spec.addOption(OptionSpec.builder("-v", "--verbose").description("labels too").build());
    return spec;
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context)
      throws InterruptedException {
    String what = parsed.matchedPositionalValue(0, "");
    if (!what.equals("workers")) {
      throw new UsageException("debug: want workers, got '" + what + "'");
    }
    String address = DaemonAddress.required(globals.address(), context.env());
    List<Engine.Worker> workers;
    try (Engine engine = context.engines().open(new Engines.Daemon(address, globals.tls()))) {
      workers = engine.workers();
    }
    var out = new StringBuilder();
    boolean verbose = parsed.hasMatchedOption("--verbose");
    int width = workers.stream().mapToInt(worker -> worker.id().length()).max().orElse(0);
    if (!verbose) {
      out.append("ID").append(" ".repeat(Math.max(0, width - 2))).append("   PLATFORMS\n");
    }
    for (Engine.Worker worker : workers) {
      String platforms = String.join(",", worker.platforms());
      if (verbose) {
        out.append("ID:         ").append(worker.id()).append('\n');
        out.append("Platforms:  ").append(platforms).append('\n').append("Labels:\n");
        new TreeMap<>(worker.labels())
            .forEach(
                (key, value) ->
                    out.append("  ").append(key).append("=").append(value).append('\n'));
      } else {
        out.append(worker.id()).append(" ".repeat(width - worker.id().length() + 3));
        out.append(platforms).append('\n');
      }
    }
    context.out().print(out);
    return ExitCode.OK;
  }
}
