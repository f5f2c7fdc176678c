package dev.jbuild.daemon.engine;

import dev.jbuild.cachemount.CacheMounts;
import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.storage.StoredThings;
import dev.jbuild.daemon.storage.UseLog;
import dev.jbuild.diff.BlobUnpacker;
import dev.jbuild.diff.LayerApplier;
import dev.jbuild.diff.UnpackLimits;
import dev.jbuild.image.ImageStore;
import dev.jbuild.linux.Kernel;
import dev.jbuild.snapshot.AttributeWhiteouts;
import dev.jbuild.snapshot.Durability;
import dev.jbuild.snapshot.LayerDirectories;
import dev.jbuild.snapshot.LayerFetcher;
import dev.jbuild.snapshot.LayerStore;
import dev.jbuild.snapshot.MergedTree;
import dev.jbuild.snapshot.OverlayWhiteouts;
import dev.jbuild.snapshot.Snapshotter;
import dev.jbuild.snapshot.StoredDigests;
import dev.jbuild.snapshot.Whiteouts;
import dev.jbuild.snapshot.copy.CopySnapshotter;
import dev.jbuild.snapshot.overlay.OverlaySnapshotter;
import dev.jbuild.solver.cache.file.SteadyFilePath;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.blob.BlobFiles;
import dev.jbuild.source.git.GitRepositories;
import dev.jbuild.source.http.Downloads;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.h2.mvstore.MVStore;

/** What lies in the state directory, opened. */
final class Storage implements AutoCloseable {
  private static final int CAP_SYS_ADMIN = 21;
  private static final String NATIVE = "native";
  private static final int SYNC_DELAY_SECONDS = 2;

  private final LayoutContentStore content;
  private final Whiteouts whiteouts;
  private final Snapshotter snapshotter;
  private final LayerStore layers;
  private final LocalMirrors contexts;
  private final CacheMounts caches;
  private final Downloads downloads;
  private final BlobFiles blobs;
  private final GitRepositories repositories;
  private final MVStore records;
  private final List<Durability> marks;
  private final StoredThings things;

  private Storage(
      LayoutContentStore content,
      Whiteouts whiteouts,
      Snapshotter snapshotter,
      LayerStore layers,
      LocalMirrors contexts,
      CacheMounts caches,
      Downloads downloads,
      BlobFiles blobs,
      GitRepositories repositories,
      MVStore records,
      List<Durability> marks,
      StoredThings things) {
    this.things = things;
    this.content = content;
    this.whiteouts = whiteouts;
    this.snapshotter = snapshotter;
    this.layers = layers;
    this.contexts = contexts;
    this.caches = caches;
    this.downloads = downloads;
    this.blobs = blobs;
    this.repositories = repositories;
    this.records = records;
    this.marks = List.copyOf(marks);
  }

  /**
   * Opens all of it; what a crash left half done is removed.
   *
   * @param fetcher makes what brings blobs into the content store
   * @param tasks runs tasks that block
   */
  static Storage open(
      DaemonConfig config,
      Kernel kernel,
      Function<LayoutContentStore, LayerFetcher> fetcher,
      ExecutorService tasks)
      throws IOException {
    Path root = config.root();
    MVStore records = SteadyFilePath.open(root.resolve("jbuild.mv"));
    var uses = new UseLog(records, Clock.systemUTC());
    var content = new LayoutContentStore(root, uses);
    content.open();
    String boot = Durability.currentBoot();
    boolean copies = copies(config, kernel);
    Whiteouts whiteouts = copies ? new AttributeWhiteouts(kernel) : new OverlayWhiteouts(kernel);
    // A sync holds up whoever else writes: steps in a row shall cost a few, not one each.
    Executor later = CompletableFuture.delayedExecutor(SYNC_DELAY_SECONDS, TimeUnit.SECONDS, tasks);
    Path marks = root.resolve("marks");
    var layerMarks = new Durability(marks.resolve("layers"), boot, kernel, later);
    var contextMarks = new Durability(marks.resolve("contexts"), boot, kernel, later);
    var directories =
        new LayerDirectories(root.resolve("layers"), kernel, layerMarks, new SecureRandom());
    Snapshotter snapshotter = snapshotter(copies, directories, kernel, whiteouts);
    var digests = new StoredDigests(records);
    var layers =
        new LayerStore(
            records,
            snapshotter,
            stack -> new MergedTree(stack, kernel, whiteouts, digests),
            fetcher.apply(content),
            new BlobUnpacker(
                content,
                new LayerApplier(kernel, whiteouts, UnpackLimits.DEFAULT),
                kernel,
                whiteouts),
            tasks,
            uses);
    var contexts =
        new LocalMirrors(
            root.resolve("contexts"), kernel, contextMarks, tasks, Clock.systemUTC(), uses);
    contexts.open();
    var caches = new CacheMounts(root.resolve("caches"), records, Clock.systemUTC(), tasks);
    caches.open();
    var made = new MadeLayers(records, snapshotter, layers, Clock.systemUTC());
    var repositories = new GitRepositories(root.resolve("git"), made, tasks);
    repositories.open();
    return new Storage(
        content,
        whiteouts,
        snapshotter,
        layers,
        contexts,
        caches,
        new Downloads(records, made, kernel),
        new BlobFiles(content, made, kernel),
        repositories,
        records,
        List.of(layerMarks, contextMarks),
        new StoredThings(
            root,
            records,
            uses,
            layers,
            directories,
            digests,
            new ImageStore(records),
            content,
            caches,
            contexts,
            repositories));
  }

  /** Overlays need the right to mount. */
  private static boolean copies(DaemonConfig config, Kernel kernel) throws IOException {
    return switch (config.worker().snapshotter()) {
      case NATIVE -> true;
      case "overlayfs" -> false;
      default -> (kernel.effectiveCapabilities() >> CAP_SYS_ADMIN & 1) == 0;
    };
  }

  private static Snapshotter snapshotter(
      boolean copies, LayerDirectories directories, Kernel kernel, Whiteouts whiteouts)
      throws IOException {
    if (copies) {
      var snapshotter = new CopySnapshotter(directories, kernel, whiteouts);
      snapshotter.open();
      return snapshotter;
    }
    var snapshotter = new OverlaySnapshotter(directories, kernel, whiteouts);
    snapshotter.open();
    return snapshotter;
  }

  LayoutContentStore content() {
    return content;
  }

  Whiteouts whiteouts() {
    return whiteouts;
  }

  Snapshotter snapshotter() {
    return snapshotter;
  }

  LayerStore layers() {
    return layers;
  }

  LocalMirrors contexts() {
    return contexts;
  }

  CacheMounts caches() {
    return caches;
  }

  BlobFiles blobs() {
    return blobs;
  }

  Downloads downloads() {
    return downloads;
  }

  GitRepositories repositories() {
    return repositories;
  }

  StoredThings things() {
    return things;
  }

  ImageStore images() {
    return new ImageStore(records);
  }

  @Override
  public void close() {
    marks.forEach(Durability::finish);
    things.uses().flush();
    records.close();
  }
}
