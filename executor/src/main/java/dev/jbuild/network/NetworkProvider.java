package dev.jbuild.network;

import java.io.IOException;

/** Gives one build step its network. Safe for use by several threads. */
public interface NetworkProvider {

  /**
   * The caller closes the handle when the step has ended, on every path.
   *
   * @throws dev.jbuild.error.BuildException where addresses are used up
   */
  NetworkHandle open(NetworkRequest request) throws IOException, InterruptedException;
}
