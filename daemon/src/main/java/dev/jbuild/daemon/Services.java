package dev.jbuild.daemon;

import dev.jbuild.daemon.api.ApiServices;
import dev.jbuild.daemon.build.BuildService;
import dev.jbuild.daemon.build.ImageList;
import dev.jbuild.daemon.build.LocalDirectories;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;

/**
 * What a transport and an embedding process need, made by {@link Wiring}. Closing ends all builds
 * and whatever was opened for them.
 *
 * @param collecting to be run by who stays: lets the cache be collected from time to time
 * @param resources closed last, in the order that Wiring chose
 */
public record Services(
    ApiServices api,
    BuildService builds,
    SessionRegistry sessions,
    ImageList images,
    LocalDirectories directories,
    Runnable collecting,
    BuildHistory history,
    TunnelLoops loops,
    AutoCloseable resources)
    implements AutoCloseable {

  @Override
  public void close() {
    try (history;
        builds) {
      // Builds end before what they run on, and before their last records are written.
    } finally {
      closeResources();
    }
  }

  private void closeResources() {
    try {
      resources.close();
    } catch (Exception e) {
      System.getLogger(Services.class.getName())
          .log(System.Logger.Level.WARNING, "closing the engine failed", e);
    }
  }
}
