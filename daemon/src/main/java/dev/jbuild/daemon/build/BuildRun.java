package dev.jbuild.daemon.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.BuildResult;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.Entitlement;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.netplan.HostPorts;
import dev.jbuild.netplan.NetworkPlan;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.ops.ContainerPrograms;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.Place;
import dev.jbuild.solver.policy.SourcePolicies;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A build that runs, as those see it that make its graphs: it solves, runs frontends and looks for
 * images, all with the build's grants, session and progress. Safe for use by several threads; to be
 * used only until the build ends.
 */
public final class BuildRun {
  private static final String DOCKERFILE_FRONTEND = "dockerfile.v0";
  static final String GATEWAY_FRONTEND = "gateway.v0";
  private static final String IMAGE = "docker-image://";

  private final BuildEngine engine;
  private final BuildScope scope;
  private final JobGraphs graphs;
  private final ProgressLog log;
  private final Clock clock;
  private final FrontendImages frontendImages;
  private final SourceAdmission sources;
  private final ImageLookups images;

  BuildRun(
      BuildEngine engine,
      BuildScope scope,
      JobGraphs graphs,
      ProgressLog log,
      Clock clock,
      FrontendImages frontendImages,
      SourceAdmission sources) {
    this(
        engine,
        scope,
        graphs,
        log,
        clock,
        frontendImages,
        sources,
        new ImageLookups(engine.images(), scope, log, clock));
  }

  private BuildRun(
      BuildEngine engine,
      BuildScope scope,
      JobGraphs graphs,
      ProgressLog log,
      Clock clock,
      FrontendImages frontendImages,
      SourceAdmission sources,
      ImageLookups images) {
    this.engine = engine;
    this.scope = scope;
    this.graphs = graphs;
    this.log = log;
    this.clock = clock;
    this.frontendImages = frontendImages;
    this.sources = sources;
    this.images = images;
  }

  /** The same build with more policies about its sources. */
  public BuildRun under(SourcePolicies more) {
    return more.isEmpty()
        ? this
        : new BuildRun(
            engine, scope, graphs, log, clock, frontendImages, sources.under(more), images);
  }

  public String ref() {
    return scope.ref();
  }

  /** Those that steps can run on, the worker's own first; never empty. */
  public List<Platform> platforms() {
    return engine.platforms();
  }

  /** Ports of the host that the build's steps may reach. */
  public List<HostPorts> hostPorts() {
    return scope.network().hostPorts();
  }

  /** Runs processes beside the graphs. */
  public ContainerPrograms containers() {
    return engine.ops().containers(scope);
  }

  /**
   * What a mount of a failed step holds; null where it is what its input holds, or nobody knows.
   *
   * @param op digest of the step's op
   */
  public @Nullable Result left(Digest op, int mount) throws InterruptedException {
    return engine.ops().left(scope, op, mount);
  }

  /** Files of what was solved. */
  public ResultSnapshots files() {
    return engine.results();
  }

  /**
   * Loads a graph without running any of it.
   *
   * @throws BuildException INVALID when it is not valid, PERMISSION_DENIED when a step needs what
   *     is not granted, or a policy denies a source
   */
  public void check(Definition definition) {
    graphs.check(sources.admit(definition));
  }

  /**
   * A graph as policies about its sources want it.
   *
   * @throws BuildException PERMISSION_DENIED when one denies a source
   */
  public Definition admit(Definition definition) {
    return sources.admit(definition);
  }

  /**
   * The same for a source that is asked about.
   *
   * @throws BuildException PERMISSION_DENIED when a policy denies it
   */
  public SourceOp admit(SourceOp source) {
    return sources.admit(source);
  }

  /** What the graph makes; null for scratch. */
  public @Nullable Result solve(Definition definition) throws InterruptedException {
    return solve(List.of(definition)).get(0);
  }

  /** The same for several graphs at once; null where one is scratch. */
  public List<@Nullable Result> solve(List<Definition> definitions) throws InterruptedException {
    return graphs.solve(definitions.stream().map(sources::admit).toList());
  }

  /** Of the client's session; empty where it has none. */
  public String sessionId() {
    return scope.session().id();
  }

  /** What the build asks for beyond the modes. */
  public NetworkPlan network() {
    return scope.network();
  }

  /**
   * The last look at the grants before a program of the build gets a network.
   *
   * @param real what it would get
   * @throws BuildException PERMISSION_DENIED where that is not granted
   */
  public void checkNetwork(NetMode real, Place place) {
    if (real == NetMode.HOST) {
      scope.policy().require(new Entitlement.NetworkHost(), place);
    }
  }

  /**
   * Runs a frontend of the daemon, or of an image.
   *
   * @throws BuildException INVALID when there is none of that name
   */
  public FrontendResult run(String frontend, FrontendRequest request) throws InterruptedException {
    return frontend.equals(GATEWAY_FRONTEND) && frontendImages.runs(request)
        ? frontendImages.run(this, request)
        : frontend(frontend, request).solve(request, new SolverBridge(this));
  }

  /**
   * Finds the image that is to be used for a name.
   *
   * @throws BuildException PERMISSION_DENIED when a policy denies it, INVALID when it makes
   *     something else than an image of it
   */
  public ImageConfigs.Found resolveImage(
      String reference, Platform platform, FrontendBridge.ResolveMode mode, String logName)
      throws InterruptedException {
    if (reference.contains("://")) {
      // A layout is asked for by the id of its store: policies see the step that reads it.
      return admittedImage(reference, platform, mode, logName);
    }
    String identifier = admit(new SourceOp(IMAGE + reference, Map.of())).identifier();
    if (!identifier.startsWith(IMAGE)) {
      throw new BuildException(
          Code.INVALID,
          "image '"
              + reference
              + "': by a source policy it became '"
              + identifier
              + "', which is no image of a registry");
    }
    return admittedImage(identifier.substring(IMAGE.length()), platform, mode, logName);
  }

  /**
   * Finds an image, which policies are not asked about any more; the answer is the same for the
   * whole build.
   */
  public ImageConfigs.Found admittedImage(
      String reference, Platform platform, FrontendBridge.ResolveMode mode, String logName)
      throws InterruptedException {
    return images.find(reference, platform, mode, logName);
  }

  /**
   * Finds out what a source is that is no image and that policies were asked about.
   *
   * @param logName of the vertex that it is shown as
   */
  public SourceFacts describe(SourceRequest request, SourceQuestion question, String logName)
      throws InterruptedException {
    return new SyntheticVertex(scope.ref() + " source " + request.identifier(), logName)
        .run(log, clock, progress -> engine.sources().describe(request, question, scope, progress));
  }

  /** Shows a remark on a vertex. */
  public void warn(Digest vertex, FrontendBridge.Warning warning) {
    log.warn(vertex, warning);
  }

  /** Shows something that the build goes on without. */
  public void showSkipped(String name, String why) {
    var vertex = new SyntheticVertex(scope.ref() + " " + name, name);
    log.accept(vertex.failed(clock.instant(), why));
  }

  BuildResult made(Definition definition) throws InterruptedException {
    var image =
        new BuildResult.PlatformImage(
            engine.platforms().get(0), snapshot(solve(definition)), Bytes.empty(), null);
    return new BuildResult(List.of(image), false, Map.of());
  }

  /** Solves all graphs of a result at once. */
  BuildResult made(FrontendResult result) throws InterruptedException {
    var definitions = new ArrayList<Definition>();
    for (FrontendResult.PlatformResult each : result.results()) {
      definitions.add(DefinitionEncoder.encode(each.root()));
    }
    List<@Nullable Result> roots = solve(definitions);
    var made = new ArrayList<BuildResult.PlatformImage>();
    for (int i = 0; i < roots.size(); i++) {
      var each = result.results().get(i);
      made.add(
          new BuildResult.PlatformImage(
              each.platform(), snapshot(roots.get(i)), each.imageConfig(), each.baseConfig()));
    }
    return new BuildResult(made, result.multiPlatform(), result.metadata());
  }

  private Snapshot snapshot(@Nullable Result result) throws InterruptedException {
    return result == null ? Snapshot.SCRATCH : engine.results().snapshot(result);
  }

  private Frontend frontend(String name, FrontendRequest request) {
    boolean builtIn =
        name.equals(GATEWAY_FRONTEND) && DOCKERFILE_FRONTEND.equals(request.attrs().get("source"));
    Frontend frontend = engine.frontends().get(builtIn ? DOCKERFILE_FRONTEND : name);
    if (frontend == null) {
      throw new BuildException(
          Code.INVALID,
          "unknown frontend '"
              + name
              + "'; known are "
              + String.join(", ", engine.frontends().keySet()));
    }
    return frontend;
  }
}
