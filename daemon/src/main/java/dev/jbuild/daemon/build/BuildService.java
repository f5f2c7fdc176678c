package dev.jbuild.daemon.build;

import dev.jbuild.daemon.build.BuildRequest.FromClient;
import dev.jbuild.daemon.build.BuildRequest.FromDefinition;
import dev.jbuild.daemon.build.BuildRequest.FromFrontend;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.BuildResult;
import dev.jbuild.session.Session;
import dev.jbuild.solver.Job;
import dev.jbuild.solver.llb.LlbLoader;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
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
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(30);

  private final BuildEngine engine;
  private final Function<String, Session> sessions;
  private final ClientFrontends clients;
  private final FrontendImages frontendImages;
  private final Builds builds;
  private final Clock clock;
  private final ThreadFactory threads;
  private final BuildJournal journal;
  private final NetworkReports reports = new NetworkReports();
  private final BuildCounts counts = new BuildCounts();

  /**
   * @param sessions gives the session of an id; never null
   * @param threads cheap ones: several for each build
   * @param journal told of every build
   */
  public BuildService(
      BuildEngine engine,
      Function<String, Session> sessions,
      ClientFrontends clients,
      FrontendImages frontendImages,
      Builds builds,
      Clock clock,
      ThreadFactory threads,
      BuildJournal journal) {
    this.engine = engine;
    this.sessions = sessions;
    this.clients = clients;
    this.frontendImages = frontendImages;
    this.builds = builds;
    this.clock = clock;
    this.threads = threads;
    this.journal = journal;
  }

  /**
   * Begins a build.
   *
   * @param answer called once, from the build's thread, when nothing of the build is left
   * @throws BuildException INVALID when a build of this ref runs, UNAVAILABLE after {@link #close}
   */
  public Build start(BuildRequest request, Consumer<Build.Outcome> answer) {
    var build = new Build(request.ref(), new ProgressLog(clock));
    builds.add(build);
    counts.started();
    journal.begins(build, request);
    threads.newThread(() -> run(build, request, answer)).start();
    return build;
  }

  /** The builds that run or have just ended. */
  public Builds builds() {
    return builds;
  }

  /** Why calls end that nobody cancelled; empty before {@link #close}. */
  public Optional<BuildException> stopping() {
    return builds.stopping() ? Optional.of(Builds.stopped()) : Optional.empty();
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
    journal.ends(build, outcome, reports);
    builds.end(build);
    try {
      answer.accept(outcome);
    } finally {
      build.end();
    }
  }

  private Build.Failed cancelled(Exception cause) {
    return new Build.Failed(
        stopping()
            .orElseGet(() -> new BuildException(Code.CANCELLED, "the build was cancelled", cause)));
  }

  private Map<String, String> perform(Build build, BuildRequest request)
      throws InterruptedException {
    // First of all: clients call at once.
    try (ClientFrontends.Conversation talk = conversation(request)) {
      return perform(build, request, talk);
    }
  }

  private Map<String, String> perform(
      Build build, BuildRequest request, ClientFrontends.@Nullable Conversation talk)
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
    // The client's calls end before the job, and the job before what its ops stand on.
    try (Job job = engine.solver().open(request.ref(), build.log());
        ClientFrontends.Conversation ending = talk) {
      var graphs = new JobGraphs(engine.solver(), loader, job);
      var sources = new SourceAdmission(request.policies(), build.log(), clock);
      var run = new BuildRun(engine, scope, graphs, build.log(), clock, frontendImages, sources);
      request.facts().skipped().forEach(each -> run.showSkipped(each.name(), each.why()));
      BuildResult result = made(request.origin(), run, ending);
      return response(result, exports, scope, build.log());
    } finally {
      keepReport(request.ref());
      engine.ops().end(scope);
    }
  }

  private ClientFrontends.@Nullable Conversation conversation(BuildRequest request) {
    return request.origin() instanceof FromClient from
        ? clients.open(request.ref(), from.request())
        : null;
  }

  private static BuildResult made(
      BuildRequest.Origin origin, BuildRun run, ClientFrontends.@Nullable Conversation talk)
      throws InterruptedException {
    return switch (origin) {
      case FromDefinition from -> run.made(from.definition());
      case FromFrontend from -> run.made(run.run(from.frontend(), from.request()));
      case FromClient from -> run.made(Objects.requireNonNull(talk).converse(run));
    };
  }

  private static Map<String, String> response(
      BuildResult result, Exports.Prepared exports, BuildScope scope, ProgressLog log)
      throws InterruptedException {
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
      response.putAll(exports.run(result, scope, log));
    }
    return response;
  }

  /** Before the ops forget it, and before the answer, after which the client asks for it. */
  private void keepReport(String ref) {
    reports.keep(ref, engine.ops().networkReport(ref));
  }

  /**
   * Ends all builds, whose clients are told why, and waits until nothing of them is left, though
   * not for ever. No build begins afterwards.
   */
  @Override
  public void close() {
    List<Build> running = builds.stop();
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
