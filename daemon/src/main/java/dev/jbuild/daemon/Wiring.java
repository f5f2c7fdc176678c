package dev.jbuild.daemon;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.daemon.api.ApiServices;
import dev.jbuild.daemon.api.FrontendServices;
import dev.jbuild.daemon.api.HistoryForms;
import dev.jbuild.daemon.api.WorkerInfo;
import dev.jbuild.daemon.build.BuildEngine;
import dev.jbuild.daemon.build.BuildService;
import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.build.ImageList;
import dev.jbuild.daemon.build.LocalDirectories;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.frontends.FrontendPrograms;
import dev.jbuild.daemon.frontends.ImageFrontend;
import dev.jbuild.daemon.gateway.Gateways;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.HistoryLimits;
import dev.jbuild.daemon.history.HistoryStore;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.daemon.session.SessionHost;
import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.storage.GcPolicies;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.oci.Platform;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;

/**
 * The one place that makes services and chooses the kind of thread. Two halves: the {@link Engine},
 * which is storage, networks, sandboxes, solver and frontends, made by {@link EngineWiring}; and
 * the edge over it.
 */
public final class Wiring {
  /** Threads of connections and their tunnels. */
  private static final int LOOPS = 2;

  private Wiring() {}

  /**
   * What the edge stands on.
   *
   * @param programs runs those of frontends that are images
   * @param contents what the state directory holds
   * @param collecting lets the cache be collected from time to time, as the configuration says
   * @param resources closes all that was opened for the engine, once no build runs
   */
  public record Engine(
      BuildEngine parts,
      FrontendPrograms programs,
      ImageList images,
      LocalDirectories directories,
      StateContents contents,
      Runnable collecting,
      AutoCloseable resources) {}

  /** Makes an engine; a port so that the edge can be run over a fake one. */
  public interface EngineMaker {
    Engine open(DaemonConfig config) throws InterruptedException;
  }

  /** All services over an engine. The state directory's lock is held by the caller. */
  public static Services open(DaemonConfig config, EngineMaker maker) throws InterruptedException {
    Engine engine = maker.open(config);
    Clock clock = Clock.systemUTC();
    ThreadFactory threads = Thread.ofVirtual().name("build-", 0).factory();
    var sessions = new SessionRegistry();
    var random = new SecureRandom();
    var gateways = new Gateways(() -> id(random));
    BuildHistory history =
        history(
            config.root(),
            new HistoryLimits(config.history().maxAge(), config.history().maxEntries()),
            clock);
    WorkerInfo worker = worker(config, engine.parts());
    var frontends =
        new ImageFrontend(
            config.frontends(),
            engine.programs(),
            new FrontendServices(worker, threads),
            gateways,
            threads);
    var builds =
        new BuildService(
            engine.parts(),
            sessions::find,
            gateways,
            frontends,
            new Builds(clock),
            clock,
            threads,
            history);
    var loops = new TunnelLoops(LOOPS);
    var host =
        new SessionHost(
            sessions,
            loops,
            threads,
            new RemoteOutputs.Staging(
                config.root().resolve("tmp"), engine.directories()::offer, threads));
    var blobs = new RecordedBlobs(history, new LayoutContentStore(config.root()));
    var api =
        new ApiServices(
            builds, gateways, worker, host, engine.contents(), history, blobs, clock, threads);
    return new Services(
        api,
        builds,
        sessions,
        engine.images(),
        engine.directories(),
        engine.collecting(),
        history,
        loops,
        () -> {
          // In the end the threads of the connections, which all before them need to end well.
          try (loops;
              host;
              frontends) {
            engine.resources().close();
          }
        });
  }

  private static String id(SecureRandom random) {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  /** The build history of a state directory; nothing is read before somebody asks. */
  static BuildHistory history(Path root, HistoryLimits limits, Clock clock) {
    var store = new HistoryStore(root.resolve("history"), limits, clock);
    ThreadFactory threads = Thread.ofVirtual().name("history-", 0).factory();
    return new BuildHistory(store, new HistoryForms(), clock, threads);
  }

  private static WorkerInfo worker(DaemonConfig config, BuildEngine parts) {
    String host = hostname();
    String prefix = "org.mobyproject.buildkit.worker.";
    var labels = new TreeMap<String, String>();
    labels.put(prefix + "executor", "oci");
    labels.put(prefix + "hostname", host);
    // What "auto" comes to here.
    labels.put(prefix + "network", "bridge");
    labels.put(prefix + "snapshotter", config.worker().snapshotter());
    labels.put(prefix + "oci.process-mode", "sandbox");
    labels.put(prefix + "selinux.enabled", "false");
    labels.putAll(config.worker().labels());
    List<Platform> told = config.worker().platforms();
    return new WorkerInfo(
        "jbuild-" + host,
        labels,
        told.isEmpty() ? parts.platforms() : told,
        Version.api(),
        GcPolicies.of(config.worker().gc(), diskBytes(config.root())));
  }

  private static long diskBytes(Path root) {
    try {
      return Files.getFileStore(root).getTotalSpace();
    } catch (IOException e) {
      return 0;
    }
  }

  private static String hostname() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return InetAddress.getLoopbackAddress().getHostName();
    }
  }
}
