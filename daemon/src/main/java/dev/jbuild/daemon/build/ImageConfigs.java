package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.progress.VertexProgress;

/** Finds images and their configs for frontends. */
public interface ImageConfigs {

  /**
   * An image for one platform.
   *
   * @param root what the name stands for: an index, or the manifest itself
   */
  record Found(ResolvedImage image, Digest root) {}

  /**
   * Finds an image and reads its config.
   *
   * @param reference normalized, with tag or digest
   * @throws dev.jbuild.error.BuildException when there is no such image or its registry does not
   *     answer
   */
  Found resolve(
      String reference,
      Platform platform,
      ResolveMode mode,
      BuildScope scope,
      VertexProgress progress)
      throws InterruptedException;
}
