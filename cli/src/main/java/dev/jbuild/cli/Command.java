package dev.jbuild.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One command of the command line. */
interface Command {

  /** Its options, made when it is called; global options are added by the caller. */
  CommandSpec spec();

  /**
   * Does the work and gives the exit code.
   *
   * @throws dev.jbuild.error.BuildException when it fails
   * @throws InterruptedException when it is cancelled
   */
  int run(ParseResult parsed, Globals globals, CliContext context) throws InterruptedException;
}
