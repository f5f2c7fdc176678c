package dev.jbuild.network.meter;

import dev.jbuild.llb.NetMode;
import java.io.IOException;

/** Watches steps. Safe for use by several threads. */
public interface Meter extends AutoCloseable {

  /**
   * Begins to watch a step before its first process runs. Closing ends it.
   *
   * @param stepId unique among the steps that run now
   */
  StepMeter open(String stepId, NetMode mode) throws IOException;

  @Override
  void close() throws IOException;
}
