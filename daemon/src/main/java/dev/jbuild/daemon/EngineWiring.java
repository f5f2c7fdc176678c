package dev.jbuild.daemon;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;

/** The engine's half of {@link Wiring}: where storage, networks and sandboxes come together. */
public final class EngineWiring implements Wiring.EngineMaker {

  @Override
  public Wiring.Engine open(DaemonConfig config) {
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "this build of jbuild has no engine yet; its state would be in '" + config.root() + "'");
  }
}
