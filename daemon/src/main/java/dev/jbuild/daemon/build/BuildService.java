package dev.jbuild.daemon.build;

import dev.jbuild.daemon.build.BuildRequest.FromDefinition;
import dev.jbuild.daemon.build.BuildRequest.FromFrontend;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.BuildResult;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Session;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.llb.LlbLoader;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs builds: checks the request, lets the frontend make graphs, solves them, exports. Each build
 * has its own thread, which works until nothing of the build is left. Safe for use by several
 * threads.
 */
public final class BuildService implements AutoCloseable {
  private static final String DOCKERFILE_FRONTEND = "dockerfile.v0";
  private static final String GATEWAY_FRONTEND = "gateway.v0";
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final BuildEngine engine;
  private final Function<String, Session> sessions;
  private final Builds builds;
  private final Clock clock;
  private final ThreadFactory threads;
  private final NetworkReports reports = new NetworkReports();
  private final BuildCounts counts = new BuildCounts();

  /**
   * @param sessions gives the session of an id; never null
   * @param threads cheap ones: several for each build
   */
  public BuildService(
      BuildEngine engine,
      Function<String, Session> sessions,
      Builds builds,
      Clock clock,
      ThreadFactory threads) {
    this.engine = engine;
    this.sessions = sessions;
    this.builds = builds;
    this.clock = clock;
    this.threads = threads;
  }

  /**
   * Begins a build.
   *
   * @param answer called once, from the build's thread, when nothing of the build is left
   * @throws BuildException INVALID when a build of this ref runs
   */
  public Build start(BuildRequest request, Consumer<Build.Outcome> answer) {
    var build = new Build(request.ref(), new ProgressLog(clock));
    builds.add(build);
    counts.started();
    threads.newThread(() -> run(build, request, answer)).start();
    return build;
  }

  /** The builds that run or have just ended. */
  public Builds builds() {
    return builds;
  }

  /** How many builds and steps there were. */
  public BuildCounts counts() {
    return counts;
  }

  /** What the steps of the last builds did in their networks. */
  public NetworkReports reports() {
    return reports;
  }

  private void run(Build build, BuildRequest request, Consumer<Build.Outcome> answer) {
    Build.Outcome outcome;
    build.runsIn(Thread.currentThread());
    try {
      outcome = new Build.Built(perform(build, request));
    } catch (InterruptedException e) {
      outcome = cancelled(e);
    } catch (BuildException e) {
      outcome = build.cancelled() ? cancelled(e) : new Build.Failed(e);
    } catch (RuntimeException | Error e) {
      outcome = new Build.Failed(e);
    }
    build.leavesThread();
    build.log().close();
    counts.ended(outcome, build);
    builds.end(build);
    try {
      answer.accept(outcome);
    } finally {
      build.end();
    }
  }

  private static Build.Failed cancelled(Exception cause) {
    return new Build.Failed(new BuildException(Code.CANCELLED, "the build was cancelled", cause));
  }

  private Map<String, String> perform(Build build, BuildRequest request)
      throws InterruptedException {
    Exports.Prepared exports;
    BuildScope scope;
    try {
      var policy = RequestGrants.policy(engine.grants(), request);
      exports = new Exports(engine, clock, threads).prepared(request);
      var network = RequestGrants.network(request);
      scope = new BuildScope(request.ref(), sessions.apply(request.session()), policy, network);
    } catch (RuntimeException refused) {
      keepReport(request.ref());
      throw refused;
    }
    var loader = new LlbLoader(engine.ops().of(scope), scope.policy());
    try (Job job = engine.solver().open(request.ref(), build.log())) {
      var graphs = new JobGraphs(engine.solver(), loader, job);
      BuildResult result =
          switch (request.origin()) {
            case FromDefinition from -> solved(from.definition(), graphs);
            case FromFrontend from -> solved(from, build.log(), scope, graphs);
          };
      // A frontend that was asked about a file answers with words and makes no image.
      boolean answer = result.images().isEmpty();
      var response = new TreeMap<String, String>();
      result
          .metadata()
          .forEach(
              (key, value) -> {
                if (answer || key.startsWith("frontend.")) {
                  response.put(key, value.toUtf8());
                }
              });
      if (!answer) {
        response.putAll(exports.run(result, scope, build.log()));
      }
      return response;
    } finally {
      keepReport(request.ref());
      engine.ops().end(scope);
    }
  }

  /** Before the ops forget it, and before the answer, after which the client asks for it. */
  private void keepReport(String ref) {
    reports.keep(ref, engine.ops().networkReport(ref));
  }

  private BuildResult solved(Definition definition, JobGraphs graphs) throws InterruptedException {
    Result root = graphs.solve(List.of(definition)).get(0);
    var image =
        new BuildResult.PlatformImage(
            engine.platforms().get(0), snapshot(root), Bytes.empty(), null);
    return new BuildResult(List.of(image), false, Map.of());
  }

  private BuildResult solved(FromFrontend from, ProgressLog log, BuildScope scope, JobGraphs graphs)
      throws InterruptedException {
    Frontend frontend = frontend(from);
    var bridge = new SolverBridge(engine, scope, graphs, log, clock);
    FrontendResult made = frontend.solve(from.request(), bridge);
    var definitions = new ArrayList<Definition>();
    for (FrontendResult.PlatformResult result : made.results()) {
      definitions.add(DefinitionEncoder.encode(result.root()));
    }
    List<@Nullable Result> roots = graphs.solve(definitions);
    var images = new ArrayList<BuildResult.PlatformImage>();
    for (int i = 0; i < roots.size(); i++) {
      var result = made.results().get(i);
      images.add(
          new BuildResult.PlatformImage(
              result.platform(),
              snapshot(roots.get(i)),
              result.imageConfig(),
              result.baseConfig()));
    }
    return new BuildResult(images, made.multiPlatform(), made.metadata());
  }

  private Snapshot snapshot(@Nullable Result result) throws InterruptedException {
    return result == null ? Snapshot.SCRATCH : engine.results().snapshot(result);
  }

  private Frontend frontend(FromFrontend from) {
    String name = from.frontend();
    boolean builtIn =
        name.equals(GATEWAY_FRONTEND)
            && DOCKERFILE_FRONTEND.equals(from.request().attrs().get("source"));
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

  /** Cancels all builds and waits until nothing of them is left, though not for ever. */
  @Override
  public void close() {
    List<Build> running = builds.running();
    running.forEach(Build::cancel);
    long deadline = System.nanoTime() + CLOSE_LIMIT.toNanos();
    boolean interrupted = false;
    for (Build build : running) {
      try {
        if (!build.awaitEnd(deadline - System.nanoTime())) {
          System.getLogger(BuildService.class.getName())
              .log(System.Logger.Level.WARNING, "build {0} did not end in time", build.ref());
        }
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
