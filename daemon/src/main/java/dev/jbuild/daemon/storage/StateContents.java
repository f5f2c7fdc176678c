package dev.jbuild.daemon.storage;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** What the state directory holds, for those who ask. Safe for use by several threads. */
public interface StateContents {

  /**
   * What there is.
   *
   * @param filters in containerd's syntax
   * @param age only what was not used for so long; zero for everything
   * @throws dev.jbuild.error.BuildException INVALID for a filter that cannot be read
   */
  List<UsageRecord> usage(List<String> filters, Duration age)
      throws IOException, InterruptedException;

  /**
   * Removes what a rule says, the least recently used first, and nothing that a running build uses.
   * Ends early when the thread is interrupted.
   *
   * @param removed told of each that is gone
   * @throws dev.jbuild.error.BuildException INVALID for a filter that cannot be read
   */
  void prune(GcPolicy rule, Consumer<UsageRecord> removed) throws IOException, InterruptedException;
}
