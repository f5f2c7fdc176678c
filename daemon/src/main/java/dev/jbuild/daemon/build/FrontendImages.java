package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;

/** Runs frontends that are images. Safe for use by several threads. */
public interface FrontendImages {
  /** For daemons that only run frontends of their own. */
  FrontendImages NONE =
      new FrontendImages() {
        @Override
        public boolean runs(FrontendRequest request) {
          return false;
        }

        @Override
        public FrontendResult run(BuildRun build, FrontendRequest request) {
          throw new BuildException(Code.UNIMPLEMENTED, "no frontend of an image is run here");
        }
      };

  /** Whether the image that a request names is one that has to run. */
  boolean runs(FrontendRequest request);

  /**
   * Runs it, with the grants, session and progress of the build.
   *
   * @throws BuildException INVALID when there is no such image or it is no frontend;
   *     PERMISSION_DENIED when the configuration does not allow it; what the frontend itself failed
   *     with
   */
  FrontendResult run(BuildRun build, FrontendRequest request) throws InterruptedException;
}
