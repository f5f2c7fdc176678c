package dev.jbuild.frontend;

/** Turns a request into graphs. Implementations are pure but for what they ask the bridge. */
public interface Frontend {

  /**
   * Makes one graph for each platform asked for.
   *
   * @throws dev.jbuild.error.BuildException for a user's mistake, with {@link
   *     dev.jbuild.error.Detail.Source} where the place is known
   * @throws InterruptedException when the build is cancelled
   */
  FrontendResult solve(FrontendRequest request, FrontendBridge bridge) throws InterruptedException;
}
