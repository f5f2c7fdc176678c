package dev.jbuild.dockerfile.instruction;

import java.util.List;

/** What RUN, CMD, ENTRYPOINT and HEALTHCHECK start. */
public sealed interface CommandLine {

  /** A text for the shell. */
  record ShellForm(String text) implements CommandLine {}

  /** A program and its arguments, given as a JSON array; may be empty. */
  record ExecForm(List<String> args) implements CommandLine {
    public ExecForm {
      args = List.copyOf(args);
    }
  }
}
