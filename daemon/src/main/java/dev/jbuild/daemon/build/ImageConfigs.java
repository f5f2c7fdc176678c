package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.progress.VertexProgress;

/** Finds images and their configs for frontends. */
public interface ImageConfigs {

  /**
   * Finds an image and reads its config.
   *
   * @param reference normalized, with tag or digest
   * @throws dev.jbuild.error.BuildException when there is no such image or its registry does not
   *     answer
   */
  ResolvedImage resolve(
      String reference,
      Platform platform,
      ResolveMode mode,
      BuildScope scope,
      VertexProgress progress)
      throws InterruptedException;
}
