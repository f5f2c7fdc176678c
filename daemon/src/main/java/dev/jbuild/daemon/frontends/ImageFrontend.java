package dev.jbuild.daemon.frontends;

import dev.jbuild.daemon.api.FrontendServices;
import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.daemon.build.FrontendImages;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.daemon.config.FrontendSettings;
import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.daemon.gateway.Gateways;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.dockerfile.DockerfileFrontend;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.ContainerConfig;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.ops.SandboxedProgram;
import dev.jbuild.solver.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Runs frontends that are images: their program is the client of a bridge over its standard input
 * and output. Source: reference wire-gateway, section 6.
 */
public final class ImageFrontend implements FrontendImages, AutoCloseable {
  private static final String SOURCE = "source";
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** A program that then still runs is ended; its result counts. */
  private static final Duration END = Duration.ofSeconds(5);

  private final FrontendSettings settings;
  private final FrontendPrograms programs;
  private final FrontendServices services;
  private final Gateways gateways;
  private final ThreadFactory threads;
  private final TunnelLoops loops = new TunnelLoops(1);

  /**
   * @param threads cheap ones: a few for each frontend
   */
  public ImageFrontend(
      FrontendSettings settings,
      FrontendPrograms programs,
      FrontendServices services,
      Gateways gateways,
      ThreadFactory threads) {
    this.settings = settings;
    this.programs = programs;
    this.services = services;
    this.gateways = gateways;
    this.threads = threads;
  }

  @Override
  public boolean runs(FrontendRequest request) {
    String source = request.attrs().getOrDefault(SOURCE, "");
    return !source.isEmpty() && !DockerfileFrontend.serves(source);
  }

  @Override
  public FrontendResult run(BuildRun build, FrontendRequest request) throws InterruptedException {
    String source = request.attrs().getOrDefault(SOURCE, "");
    ImageRef name = allowed(source);
    Platform platform = build.platforms().getFirst();
    ImageConfigs.Found found =
        build.resolveImage(
            name.toString(),
            platform,
            FrontendBridge.ResolveMode.DEFAULT,
            "[internal] load metadata for " + name);
    // A source policy may have put another image in its place: that one runs, if it may.
    name = allowed(found.image().reference());
    ContainerConfig config = config(found, source);
    FrontendCapabilities.check(config.labels(), request, source);
    Definition image = image(name, found, platform);
    Result root = build.solve(image);
    if (root == null) {
      throw refused(source, "has no files");
    }
    var call = new FrontendCall(source, config, image, services.worker());
    return converse(build, request, source, call.of(root, build, request.attrs()));
  }

  private ImageRef allowed(String source) {
    ImageRef name;
    try {
      name = ImageRef.parse(source);
    } catch (IllegalArgumentException e) {
      throw new BuildException(
          Code.INVALID, "frontend '" + source + "' is no image name: " + e.getMessage(), e);
    }
    if (!settings.gateway()) {
      throw new BuildException(
          Code.PERMISSION_DENIED,
          "frontend image '"
              + source
              + "': this daemon runs none; its configuration says enabled = false in"
              + " [frontend.\"gateway.v0\"]");
    }
    String repository = name.domain() + "/" + name.path();
    if (!settings.allowedRepositories().isEmpty()
        && !settings.allowedRepositories().contains(repository)) {
      throw new BuildException(
          Code.PERMISSION_DENIED,
          "frontend image '"
              + source
              + "': this daemon does not run images of '"
              + repository
              + "'; allowed are "
              + String.join(", ", settings.allowedRepositories())
              + " (allowedRepositories in [frontend.\"gateway.v0\"])");
    }
    return name;
  }

  private static ContainerConfig config(ImageConfigs.Found found, String source) {
    try {
      return ImageConfigJson.read(found.image().config()).config();
    } catch (OciFormatException e) {
      throw new BuildException(
          Code.DATA_LOSS, "config of frontend image '" + source + "': " + e.getMessage(), e);
    }
  }

  private static Definition image(ImageRef name, ImageConfigs.Found found, Platform platform) {
    String pinned = name.withDigest(found.image().digest()).toString();
    var node =
        new OpNode(
            new LlbOp.SourceOp("docker-image://" + pinned, Map.of()),
            List.of(),
            platform,
            OpMetadata.named("[internal] frontend " + pinned),
            List.of());
    return DefinitionEncoder.encode(new OpNode.Output(node, 0));
  }

  private static BuildException refused(String source, String why) {
    return new BuildException(Code.INVALID, "frontend image '" + source + "' " + why);
  }

  private FrontendResult converse(
      BuildRun build, FrontendRequest request, String source, SandboxedProgram.Call call)
      throws InterruptedException {
    Gateway gateway = gateways.unlisted(build.ref(), request);
    var streams = new AtomicReference<@Nullable StandardStreams>();
    try (ServingTunnel tunnel =
        ServingTunnel.open(
            services.of(gateway),
            stream -> streams.set(new StandardStreams("frontend " + source, threads, stream)),
            loops,
            task -> threads.newThread(task).start())) {
      StandardStreams dialogue = streams.get();
      if (dialogue == null) {
        throw new IllegalStateException("the tunnel has no stream");
      }
      var program = new RunningFrontend(source, programs, call, dialogue, gateway);
      Thread thread = threads.newThread(program);
      thread.start();
      try {
        FrontendResult result = gateway.converse(build);
        // It still gets the answer to its return, and then ends by itself.
        if (!thread.join(PATIENCE)) {
          dialogue.onCompleted();
        }
        if (thread.join(END)) {
          program.check();
        }
        return result;
      } finally {
        end(thread, gateway, tunnel);
      }
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "frontend image '" + source + "' can not be served: " + e.getMessage(), e);
    }
  }

  /** The program is gone, however long its sandbox takes, before what it used is. */
  private static void end(Thread thread, Gateway gateway, ServingTunnel tunnel) {
    gateway.end();
    thread.interrupt();
    boolean interrupted = Thread.interrupted();
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    if (tunnel.over()) {
      System.getLogger(ImageFrontend.class.getName())
          .log(System.Logger.Level.DEBUG, "the frontend has ended the conversation");
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    loops.close();
  }
}
