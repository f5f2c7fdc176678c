package dev.jbuild.daemon.engine;

import dev.jbuild.content.ContentStore;
import dev.jbuild.daemon.build.BuildEngine;
import dev.jbuild.daemon.build.ImageList;
import dev.jbuild.daemon.build.LocalDirectories;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.storage.CollectionSchedule;
import dev.jbuild.daemon.storage.Collector;
import dev.jbuild.daemon.storage.GcPolicies;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.diff.LayerCompressor;
import dev.jbuild.diff.LayerTar;
import dev.jbuild.dockerfile.DockerfileFrontend;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ImageWriter;
import dev.jbuild.export.LayoutArchive;
import dev.jbuild.export.LayoutDirectory;
import dev.jbuild.export.MergedTrees;
import dev.jbuild.export.StoredLayerBlobs;
import dev.jbuild.export.docker.DockerExporter;
import dev.jbuild.export.image.ImageExporter;
import dev.jbuild.export.local.LocalExporter;
import dev.jbuild.export.oci.OciExporter;
import dev.jbuild.export.tar.TarExporter;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.network.diagnosis.Diagnosis;
import dev.jbuild.network.diagnosis.ProcListeners;
import dev.jbuild.oci.Platform;
import dev.jbuild.ops.Emulation;
import dev.jbuild.ops.SandboxedProgram;
import dev.jbuild.ops.SnapshotResults;
import dev.jbuild.ops.StepIds;
import dev.jbuild.ops.StepNetworks;
import dev.jbuild.ops.Trees;
import dev.jbuild.ops.Worker;
import dev.jbuild.process.runtime.HostTrees;
import dev.jbuild.process.runtime.OciProcessRunner;
import dev.jbuild.process.runtime.RuntimeConfig;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.Pause;
import dev.jbuild.registry.RegistryClient;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.RegistryPush;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.solver.cache.file.FileKeyStore;
import dev.jbuild.solver.eval.Evaluator;
import dev.jbuild.solver.eval.EvaluatorOptions;
import dev.jbuild.source.ImageReader;
import dev.jbuild.source.LayerFetches;
import dev.jbuild.source.image.RegistryOrigins;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import org.jspecify.annotations.Nullable;

/** The worker: everything below the edge, opened once and closed in the opposite order. */
public final class WorkerEngine implements AutoCloseable {
  private static final Duration CANCEL_WAIT = Duration.ofSeconds(60);
  private static final int LAYERS_AT_ONCE = 4;

  private final BuildEngine parts;
  private final SandboxedProgram programs;
  private final ImageList images;
  private final Kernel kernel;
  private final Opened opened;
  private final Collector collector;
  private final CollectionSchedule schedule;

  private WorkerEngine(
      BuildEngine parts,
      SandboxedProgram programs,
      ImageList images,
      Kernel kernel,
      Opened opened,
      Collector collector,
      CollectionSchedule schedule) {
    this.collector = collector;
    this.schedule = schedule;
    this.parts = parts;
    this.programs = programs;
    this.images = images;
    this.kernel = kernel;
    this.opened = opened;
  }

  /**
   * Opens the state directory, whose lock the caller holds, and cleans up what a killed process
   * left.
   */
  public static WorkerEngine open(DaemonConfig config) throws IOException, InterruptedException {
    var opened = new Opened();
    try {
      return open(config, opened);
    } catch (IOException | InterruptedException | RuntimeException failure) {
      opened.closeAfter(failure);
      throw failure;
    }
  }

  private static WorkerEngine open(DaemonConfig config, Opened opened)
      throws IOException, InterruptedException {
    Kernel kernel = new LibcKernel();
    Clock clock = Clock.systemUTC();
    ThreadFactory threads = Thread.ofVirtual().name("work-", 0).factory();
    ExecutorService tasks = opened.add(Executors.newThreadPerTaskExecutor(threads));
    Http http = opened.add(new Http());
    RegistryConfig registries = Registries.of(config);
    var fetches = new Fetching(http, registries);
    Storage storage = opened.add(Storage.open(config, kernel, fetches::over, tasks));
    Networks networks = opened.add(Networks.open(config, tasks));
    OciProcessRunner runner =
        opened.add(new OciProcessRunner(runtime(config), kernel, opened.add(pumps())));
    if (!config.worker().binary().isEmpty()) {
      runner.requireRuntime();
    }
    runner.recover();
    FileKeyStore keys = opened.add(FileKeyStore.open(config.root().resolve("cache.mv")));
    Worker worker = worker(config, kernel, storage, networks, runner, clock);
    var trees = new Trees(worker);
    Set<Entitlement> grants = new HashSet<>();
    config.insecureEntitlements().forEach(id -> grants.add(Entitlement.parse(id)));
    Collector collector = storage.things().collector(keys, clock);
    CollectionSchedule schedule = opened.add(schedule(config, collector, threads));
    var scopes =
        new JobScopes(
            worker,
            new HostTrees(kernel, runtime(config).runDirectory()),
            http,
            registries,
            storage.images(),
            new ImageReader(storage.content()),
            fetches.over(storage.content()),
            storage.downloads(),
            storage.blobs(),
            storage.repositories(),
            storage.things().uses(),
            schedule);
    var engine =
        new BuildEngine(
            new Evaluator(
                keys, new SnapshotResults(storage.layers()), options(config), threads, clock),
            grants,
            scopes,
            new TreeResults(trees),
            scopes,
            scopes,
            frontends(config, tasks),
            exporters(
                storage,
                fetches.over(storage.content()),
                kernel,
                clock,
                opened,
                pushes(http, registries, storage.content())),
            List.of(Platform.host()));
    return new WorkerEngine(
        engine,
        new SandboxedProgram(worker, trees),
        new StoredImages(storage.images()),
        kernel,
        opened,
        collector,
        schedule);
  }

  private static Worker worker(
      DaemonConfig config,
      Kernel kernel,
      Storage storage,
      Networks networks,
      OciProcessRunner runner,
      Clock clock) {
    return new Worker(
        kernel,
        storage.snapshotter(),
        storage.layers(),
        storage.contexts(),
        storage.caches(),
        new StepNetworks(
            networks.all(),
            Networks.surroundings(config),
            new Diagnosis(new ProcListeners(Path.of("/proc/self/net")))),
        runner,
        Platform.host(),
        new Emulation(Path.of("/proc/sys/fs/binfmt_misc")),
        new StepIds(),
        clock);
  }

  private static ImageExporter.Registries pushes(
      Http http, RegistryConfig registries, ContentStore content) {
    return (client, insecure) ->
        new RegistryPush(
            http, registries, insecure, client, content, Clock.systemUTC(), Pause.REAL);
  }

  private static Map<String, Frontend> frontends(DaemonConfig config, ExecutorService tasks) {
    var dockerfile = new DockerfileFrontend(tasks);
    return config.frontends().dockerfile()
        ? Map.of("dockerfile.v0", dockerfile, "gateway.v0", new ImageFrontends(dockerfile))
        : Map.of();
  }

  private static CollectionSchedule schedule(
      DaemonConfig config, Collector collector, ThreadFactory threads) throws IOException {
    long diskBytes = Files.getFileStore(config.root()).getTotalSpace();
    return new CollectionSchedule(
        collector, GcPolicies.of(config.worker().gc(), diskBytes), threads);
  }

  /** One fetcher for all: layers are offered to it by the builds that name them. */
  private static final class Fetching {
    private final Http http;
    private final RegistryConfig registries;
    private @Nullable LayerFetches made;

    Fetching(Http http, RegistryConfig registries) {
      this.http = http;
      this.registries = registries;
    }

    LayerFetches over(ContentStore content) {
      if (made == null) {
        var nobody =
            new RegistryClient(
                http, registries, host -> Optional.empty(), Clock.systemUTC(), Pause.REAL);
        made = new LayerFetches(content, new RegistryOrigins(nobody));
      }
      return made;
    }
  }

  /** Two threads a step, which block until it ends. */
  private static ExecutorService pumps() {
    return Executors.newCachedThreadPool(
        Thread.ofPlatform().name("pump-", 0).daemon(true).factory());
  }

  private static EvaluatorOptions options(DaemonConfig config) {
    int limit = config.worker().maxParallelism();
    return limit > 0
        ? new EvaluatorOptions(limit, CANCEL_WAIT)
        : EvaluatorOptions.forProcessors(Runtime.getRuntime().availableProcessors());
  }

  private static RuntimeConfig runtime(DaemonConfig config) {
    RuntimeConfig usual = RuntimeConfig.under(config.root());
    String binary = config.worker().binary();
    return switch (binary) {
      case "" -> usual;
      case "crun" -> usual.preferring(RuntimeConfig.Preference.CRUN);
      case "runc" -> usual.preferring(RuntimeConfig.Preference.RUNC);
      default -> usual.at(Path.of(binary));
    };
  }

  private static List<Exporter> exporters(
      Storage storage,
      LayerFetches fetches,
      Kernel kernel,
      Clock clock,
      Opened opened,
      ImageExporter.Registries registries) {
    int processors = Runtime.getRuntime().availableProcessors();
    ExecutorService deflaters =
        opened.add(
            Executors.newFixedThreadPool(
                processors, Thread.ofPlatform().name("deflate-", 0).daemon(true).factory()));
    ExecutorService layers =
        opened.add(
            Executors.newFixedThreadPool(
                LAYERS_AT_ONCE, Thread.ofPlatform().name("layer-", 0).daemon(true).factory()));
    var files =
        new MergedTrees(storage.layers(), storage.snapshotter(), kernel, storage.whiteouts());
    var blobs =
        new StoredLayerBlobs(
            storage.layers(),
            fetches,
            storage.content(),
            storage.snapshotter(),
            files,
            new LayerTar(kernel, storage.whiteouts()),
            new LayerCompressor(storage.content(), deflaters, processors),
            layers);
    var images = new ImageWriter(blobs);
    var archive = new LayoutArchive(storage.content());
    var directory = new LayoutDirectory(storage.content());
    return List.of(
        new OciExporter(images, archive, directory),
        new DockerExporter(images, archive, directory),
        new LocalExporter(files, kernel),
        new TarExporter(files),
        new ImageExporter(images, storage.images(), storage.content(), clock, fetches, registries));
  }

  /** Runs programs beside graphs. */
  public SandboxedProgram programs() {
    return programs;
  }

  public BuildEngine parts() {
    return parts;
  }

  public StateContents contents() {
    return collector;
  }

  /** Lets the cache be collected from time to time, until this is closed. */
  public void collectSometimes() {
    schedule.start();
  }

  public ImageList images() {
    return images;
  }

  /** Directories of this machine, as sessions of the same process serve them. */
  public LocalDirectories directories() {
    return directories -> new DirectoryFileSync(directories, kernel);
  }

  /** No build may run any more. */
  @Override
  public void close() {
    opened.close();
  }
}
