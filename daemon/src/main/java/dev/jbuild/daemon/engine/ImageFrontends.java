package dev.jbuild.daemon.engine;

import dev.jbuild.dockerfile.DockerfileFrontend;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;

/**
 * Frontends that a request names by their images, {@code gateway.v0}: the built-in one stands in
 * for those that it serves. Source: reference wire-gateway, section 6.
 */
record ImageFrontends(Frontend dockerfile) implements Frontend {
  private static final String SOURCE = "source";

  @Override
  public FrontendResult solve(FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    String image = request.attrs().getOrDefault(SOURCE, "");
    if (image.isEmpty()) {
      throw new BuildException(
          Code.INVALID, "gateway.v0: the option 'source', the image of the frontend, is missing");
    }
    if (!DockerfileFrontend.serves(image)) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "gateway.v0: frontends from images are not offered here, only docker/dockerfile: '"
              + image
              + "'");
    }
    return dockerfile.solve(request, bridge);
  }
}
