package dev.jbuild.cli.progress;

/** The size of the terminal, which may change while a build runs. */
public interface Screen {
  int columns();

  int rows();

  /** How many lines of a running step's output are shown. */
  default int tailLines() {
    return 6;
  }
}
