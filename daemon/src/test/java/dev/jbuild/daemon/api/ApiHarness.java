package dev.jbuild.daemon.api;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.daemon.build.BuildEngine;
import dev.jbuild.daemon.build.BuildService;
import dev.jbuild.daemon.build.Builds;
import dev.jbuild.daemon.build.FrontendImages;
import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.daemon.gateway.Gateways;
import dev.jbuild.daemon.history.BuildHistory;
import dev.jbuild.daemon.history.HistoryLimits;
import dev.jbuild.daemon.history.HistoryStore;
import dev.jbuild.daemon.history.RecordedBlobs;
import dev.jbuild.daemon.session.SessionHost;
import dev.jbuild.daemon.session.SessionRegistry;
import dev.jbuild.daemon.session.sync.RemoteOutputs;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.storage.GcPolicy;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Platform;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.SolveRequest;
import moby.buildkit.v1.StatusRequest;
import moby.buildkit.v1.StatusResponse;
import org.jspecify.annotations.NullUnmarked;

/** The services over a toy engine and a channel to them. */
@NullUnmarked
final class ApiHarness implements AutoCloseable {
  final ToyEngine engine;
  final SessionRegistry sessions = new SessionRegistry();
  final AtomicInteger refs = new AtomicInteger();
  final Gateways gateways = new Gateways(() -> "ref" + refs.incrementAndGet());
  final BuildHistory history;
  private final TunnelLoops loops = new TunnelLoops(1);
  private final SessionHost host;
  private final Path root;
  private final boolean temporary;
  final BuildService builds;
  final FakeContents contents = new FakeContents();
  final ManagedChannel channel;
  private final Server server;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();

  ApiHarness() throws IOException {
    this(
        new ToyEngine(),
        null,
        Files.createTempDirectory("jbuild-api"),
        HistoryLimits.DEFAULT,
        true);
  }

  /** Over another engine than the toy one. */
  ApiHarness(BuildEngine parts) throws IOException {
    this(
        new ToyEngine(),
        parts,
        Files.createTempDirectory("jbuild-api"),
        HistoryLimits.DEFAULT,
        true);
  }

  /**
   * @param root state directory, as a daemon before this one may have left it
   */
  ApiHarness(Path root, HistoryLimits limits) throws IOException {
    this(new ToyEngine(), null, root, limits, false);
  }

  private ApiHarness(
      ToyEngine engine, BuildEngine parts, Path root, HistoryLimits limits, boolean temporary)
      throws IOException {
    this.engine = engine;
    this.root = root;
    this.temporary = temporary;
    var threads = Thread.ofVirtual().factory();
    var store = new HistoryStore(root.resolve("history"), limits, Clock.systemUTC());
    history = new BuildHistory(store, new HistoryForms(), Clock.systemUTC(), threads);
    builds =
        new BuildService(
            parts == null ? engine.parts() : parts,
            sessions::find,
            gateways,
            FrontendImages.NONE,
            new Builds(Clock.systemUTC()),
            Clock.systemUTC(),
            threads,
            history);
    var worker =
        new WorkerInfo(
            "w",
            Map.of("label", "x"),
            List.of(new Platform("linux", "amd64", "")),
            "1.2",
            List.of(new GcPolicy(true, Duration.ofSeconds(1), List.of("type==regular"), 2, 3, 4)));
    String name = UUID.randomUUID().toString();
    var builder = InProcessServerBuilder.forName(name).executor(handlers);
    var blobs = new RecordedBlobs(history, new LayoutContentStore(root));
    host =
        new SessionHost(
            sessions,
            loops,
            threads,
            new RemoteOutputs.Staging(
                Path.of(System.getProperty("java.io.tmpdir")),
                directories -> {
                  throw new IllegalStateException("no outputs here");
                },
                threads));
    new ApiServices(
            builds, gateways, worker, host, contents, history, blobs, Clock.systemUTC(), threads)
        .served()
        .forEach(builder::addService);
    server = builder.build().start();
    channel = InProcessChannelBuilder.forName(name).executor(handlers).build();
  }

  ControlGrpc.ControlBlockingStub control() {
    return ControlGrpc.newBlockingStub(channel);
  }

  /** A request for a graph of one toy op. */
  static SolveRequest.Builder graph(String ref, String word) {
    return SolveRequest.newBuilder().setRef(ref).setDefinition(definition(ToyEngine.op(word)));
  }

  static pb.Definition definition(OpNode.Output root) {
    return DefinitionEncoder.toWire(DefinitionEncoder.encode(root));
  }

  /** All messages of a status stream, as one. */
  StatusResponse status(String ref) {
    var merged = StatusResponse.newBuilder();
    control()
        .status(StatusRequest.newBuilder().setRef(ref).build())
        .forEachRemaining(merged::mergeFrom);
    return merged.build();
  }

  /** The names of a status stream's vertices that ended, in order. */
  List<String> ended(String ref) {
    var names = new ArrayList<String>();
    status(ref)
        .getVertexesList()
        .forEach(
            vertex -> {
              if (vertex.hasCompleted()) {
                names.add(vertex.getName());
              }
            });
    return names;
  }

  @Override
  public void close() {
    builds.close();
    host.close();
    loops.close();
    history.close();
    channel.shutdownNow();
    server.shutdownNow();
    handlers.shutdownNow();
    if (temporary) {
      delete(root);
    }
  }

  private static void delete(Path root) {
    try (var files = Files.walk(root)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
