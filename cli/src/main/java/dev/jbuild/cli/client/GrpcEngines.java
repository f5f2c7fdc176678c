package dev.jbuild.cli.client;

import dev.jbuild.cli.Engine;
import dev.jbuild.cli.Engines;

/** Engines over gRPC: a daemon's, or the one in this process. */
public final class GrpcEngines implements Engines {
  @Override
  public Engine open(Choice choice) {
    throw new IllegalStateException("no engine yet: " + choice);
  }
}
