package dev.jbuild.cli;

import dev.jbuild.daemon.Version;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code jbuild version}. */
final class VersionCommand implements Command {

  @Override
  public CommandSpec spec() {
    return CommandSpec.create();
  }

  @Override
  public int run(ParseResult parsed, Globals globals, CliContext context) {
    return print(context);
  }

  static int print(CliContext context) {
    context.out().print("jbuild " + Version.text() + "\n");
    context.out().flush();
    return ExitCode.OK;
  }
}
