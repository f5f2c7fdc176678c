package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;

/** Makes clients the frontends of their builds. */
public interface ClientFrontends {
  /** For daemons that only run frontends of their own. */
  ClientFrontends NONE =
      (ref, request) -> {
        throw new IllegalStateException("no client is the frontend of a build here");
      };

  /**
   * Begins to take the calls of a build's client, which may be waiting already. The caller closes
   * the conversation.
   *
   * @param ref of the build
   * @param request options and graphs that came with it
   */
  Conversation open(String ref, FrontendRequest request);

  /** What one client and the daemon say about a build. */
  interface Conversation extends AutoCloseable {
    /**
     * Answers the client's calls, for which the build runs from here on, and waits for its result.
     * The graphs of the result need not have been solved.
     *
     * @throws dev.jbuild.error.BuildException the failure that the client told instead
     */
    FrontendResult converse(BuildRun build) throws InterruptedException;

    /** Ends the calls that still run and waits for that; no call comes through afterwards. */
    @Override
    void close();
  }
}
