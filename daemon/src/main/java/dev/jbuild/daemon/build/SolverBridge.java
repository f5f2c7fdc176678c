package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.Result;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What a frontend may ask, answered by the build's own job: graphs that it reads from are loaded
 * with the same checks of entitlements as the build's graph.
 */
final class SolverBridge implements FrontendBridge {
  private static final int FILE_LIMIT_BYTES = 16 << 20;

  private final BuildEngine engine;
  private final BuildScope scope;
  private final JobGraphs graphs;
  private final ProgressLog log;
  private final Clock clock;
  private final ConcurrentHashMap<Lookup, CompletableFuture<ResolvedImage>> images =
      new ConcurrentHashMap<>();
  private final AtomicReference<@Nullable Digest> source = new AtomicReference<>();

  SolverBridge(
      BuildEngine engine, BuildScope scope, JobGraphs graphs, ProgressLog log, Clock clock) {
    this.engine = engine;
    this.scope = scope;
    this.graphs = graphs;
    this.log = log;
    this.clock = clock;
  }

  private record Lookup(String reference, Platform platform, ResolveMode mode) {}

  /** Looked up once in a build, however often and by however many threads it is asked for. */
  @Override
  public ResolvedImage resolveImage(
      String reference, Platform platform, ResolveMode mode, String logName)
      throws InterruptedException {
    var lookup = new Lookup(reference, platform, mode);
    var mine = new CompletableFuture<ResolvedImage>();
    var first = images.putIfAbsent(lookup, mine);
    if (first == null) {
      try {
        mine.complete(lookUp(lookup, logName));
      } catch (InterruptedException | RuntimeException failure) {
        mine.completeExceptionally(failure);
        throw failure;
      }
      first = mine;
    }
    try {
      return first.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("the look-up that was waited for was interrupted", e);
    }
  }

  private ResolvedImage lookUp(Lookup lookup, String logName) throws InterruptedException {
    String identity = "image metadata " + lookup.reference() + " " + lookup.platform();
    return new SyntheticVertex(identity, logName)
        .run(
            log,
            clock,
            progress ->
                engine
                    .images()
                    .resolve(
                        lookup.reference(), lookup.platform(), lookup.mode(), scope, progress));
  }

  @Override
  public Optional<Bytes> readFile(OpNode.Output from, String path) throws InterruptedException {
    Result root = solved(from);
    return root == null ? Optional.empty() : engine.results().read(root, path, FILE_LIMIT_BYTES);
  }

  @Override
  public Optional<Bytes> readHead(OpNode.Output from, String path, int maxBytes)
      throws InterruptedException {
    Result root = solved(from);
    return root == null ? Optional.empty() : engine.results().readHead(root, path, maxBytes);
  }

  @Override
  public Optional<Instant> newest(OpNode.Output from) throws InterruptedException {
    Result root = graphs.solve(List.of(DefinitionEncoder.encode(from))).get(0);
    return root == null ? Optional.empty() : engine.results().newest(root);
  }

  private @Nullable Result solved(OpNode.Output from) throws InterruptedException {
    Definition definition = DefinitionEncoder.encode(from);
    Definition.OpRef read = definition.result();
    if (read != null) {
      source.compareAndSet(null, read.digest());
    }
    return graphs.solve(List.of(definition)).get(0);
  }

  @Override
  public List<HostPorts> hostPorts() {
    return scope.network().hostPorts();
  }

  @Override
  public List<Platform> platforms() {
    return engine.platforms();
  }

  /** Remarks are about the first file that was read, the Dockerfile. */
  @Override
  public void warn(Warning warning) {
    Digest vertex = source.get();
    if (vertex != null) {
      log.warn(vertex, warning);
    }
  }
}
