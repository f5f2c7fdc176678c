package dev.jbuild.network.meter;

import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Watches one step. Used by one thread. */
public interface StepMeter extends AutoCloseable {

  /**
   * Directory of the control group (version 2) that the step's first process joins before it does
   * anything else; null when the step is not watched that way.
   */
  @Nullable Path group();

  /** What was seen, once the step's processes have ended. */
  Reading read() throws IOException;

  @Override
  void close() throws IOException;
}
