package dev.jbuild.daemon;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.engine.WorkerEngine;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;

/** The engine's half of {@link Wiring}: where storage, networks and sandboxes come together. */
public final class EngineWiring implements Wiring.EngineMaker {

  @Override
  public Wiring.Engine open(DaemonConfig config) throws InterruptedException {
    try {
      WorkerEngine engine = WorkerEngine.open(config);
      return new Wiring.Engine(
          engine.parts(),
          engine.programs()::run,
          engine.images(),
          engine.directories(),
          engine.contents(),
          engine::collectSometimes,
          engine);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED,
          "state directory '" + config.root() + "' cannot be used: " + e.getMessage(),
          e);
    }
  }
}
