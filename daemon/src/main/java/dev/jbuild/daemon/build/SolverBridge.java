package dev.jbuild.daemon.build;

import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.solver.Result;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * What one run of a frontend may ask, answered by the build's own job: graphs that it reads from
 * are loaded with the same checks of entitlements as the build's graph.
 */
final class SolverBridge implements FrontendBridge {
  private static final int FILE_LIMIT_BYTES = 16 << 20;

  private final BuildRun build;
  private final AtomicReference<@Nullable Digest> source = new AtomicReference<>();

  SolverBridge(BuildRun build) {
    this.build = build;
  }

  @Override
  public ResolvedImage resolveImage(
      String reference, Platform platform, ResolveMode mode, String logName)
      throws InterruptedException {
    return build.resolveImage(reference, platform, mode, logName).image();
  }

  @Override
  public Optional<Bytes> readFile(OpNode.Output from, String path) throws InterruptedException {
    Result root = solved(from);
    return root == null ? Optional.empty() : build.files().read(root, path, FILE_LIMIT_BYTES);
  }

  @Override
  public Optional<Bytes> readHead(OpNode.Output from, String path, int maxBytes)
      throws InterruptedException {
    Result root = solved(from);
    return root == null ? Optional.empty() : build.files().readHead(root, path, maxBytes);
  }

  @Override
  public Optional<Instant> newest(OpNode.Output from) throws InterruptedException {
    Result root = build.solve(DefinitionEncoder.encode(from));
    return root == null ? Optional.empty() : build.files().newest(root);
  }

  private @Nullable Result solved(OpNode.Output from) throws InterruptedException {
    Definition definition = build.admit(DefinitionEncoder.encode(from));
    Definition.OpRef read = definition.result();
    if (read != null) {
      source.compareAndSet(null, read.digest());
    }
    return build.solve(definition);
  }

  @Override
  public List<HostPorts> hostPorts() {
    return build.hostPorts();
  }

  @Override
  public List<Platform> platforms() {
    return build.platforms();
  }

  @Override
  public Optional<FrontendResult> delegate(FrontendRequest request) throws InterruptedException {
    return Optional.of(build.run(BuildRun.GATEWAY_FRONTEND, request));
  }

  /** Remarks are about the first file that was read, the Dockerfile. */
  @Override
  public void warn(Warning warning) {
    Digest vertex = source.get();
    if (vertex != null) {
      build.warn(vertex, warning);
    }
  }
}
