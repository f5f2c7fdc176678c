package dev.jbuild.daemon.engine;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;

/**
 * Frontends that a request names by their images, {@code gateway.v0}, and that need not run: the
 * built-in one stands in for those that it serves, and no others come here, see {@link
 * dev.jbuild.daemon.build.FrontendImages#runs}. Source: reference wire-gateway, section 6.
 */
record ImageFrontends(Frontend dockerfile) implements Frontend {
  private static final String SOURCE = "source";

  @Override
  public FrontendResult solve(FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    if (request.attrs().getOrDefault(SOURCE, "").isEmpty()) {
      throw new BuildException(
          Code.INVALID, "gateway.v0: the option 'source', the image of the frontend, is missing");
    }
    return dockerfile.solve(request, bridge);
  }
}
