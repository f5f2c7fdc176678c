package dev.jbuild.cli;

import dev.jbuild.cli.progress.Screen;

/** What standard output and error go to. */
public interface Terminal extends Screen {

  /** Whether standard error is a terminal that understands cursor movement. */
  boolean drawable();

  /** Whether standard output is a terminal: binary data does not go there. */
  boolean outputIsTerminal();
}
