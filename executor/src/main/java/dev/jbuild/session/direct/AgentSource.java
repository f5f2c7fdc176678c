package dev.jbuild.session.direct;

import java.nio.file.Path;
import java.util.List;

/** Where an ssh agent of the user is. */
public sealed interface AgentSource {

  /** One that runs, at its socket. */
  record Socket(Path path) implements AgentSource {}

  /** None runs: the keys of these files are used for as long as the build lasts. */
  record Keys(List<Path> files) implements AgentSource {
    public Keys {
      files = List.copyOf(files);
    }
  }
}
