package dev.jbuild.process.runtime;

import java.nio.file.Path;

/** A runtime found on this machine; {@code binary} is absolute. */
record OciRuntime(Kind kind, Path binary) {

  enum Kind {
    CRUN("crun"),
    RUNC("runc");

    private final String command;

    Kind(String command) {
      this.command = command;
    }

    String command() {
      return command;
    }
  }
}
