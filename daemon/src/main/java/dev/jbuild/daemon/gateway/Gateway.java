package dev.jbuild.daemon.gateway;

import dev.jbuild.daemon.build.BuildRun;
import dev.jbuild.daemon.build.FileEntry;
import dev.jbuild.daemon.build.ImageConfigs;
import dev.jbuild.daemon.build.RequestNetwork;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.ignore.Glob;
import dev.jbuild.llb.Definition;
import dev.jbuild.llb.LlbOp.ExecOp;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.process.ProcessRequest.Attended;
import dev.jbuild.solver.Result;
import dev.jbuild.solver.policy.SourcePolicies;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What a frontend that is not the daemon's own asks, and at last returns, in one build. Each call
 * runs in a thread of its own, which is interrupted when the build ends. Refs are good until then,
 * after the return too. Safe for use by several threads.
 */
public final class Gateway {
  /** Of a file in one answer. */
  static final int FILE_BYTES = 15 << 20;

  private final FrontendRequest request;
  private final RefTable refs;
  private final FailedSteps failures;
  private final ActiveCalls calls;
  private final Containers containers = new Containers();
  private final CompletableFuture<BuildRun> running = new CompletableFuture<>();
  private final CompletableFuture<GatewayResult<Definition>> returned = new CompletableFuture<>();

  Gateway(String ref, FrontendRequest request, RefTable refs) {
    this.request = request;
    this.refs = refs;
    this.failures = new FailedSteps(refs);
    this.calls = new ActiveCalls(ref);
  }

  /** What a call does with the build. */
  private interface Call<T> {
    T on(BuildRun build) throws InterruptedException;
  }

  /** What is to be solved. */
  public sealed interface Question {}

  /** A graph. */
  public record OfGraph(Definition definition) implements Question {}

  /** What a frontend of the daemon makes. */
  public record OfFrontend(String frontend, FrontendRequest request) implements Question {}

  /** Nothing, which gives an empty result. */
  public record OfNothing() implements Question {}

  /** Answers for a build that runs, until the frontend has returned. */
  public FrontendResult converse(BuildRun build) throws InterruptedException {
    running.complete(build);
    try {
      return ResultMetadata.fromClient(returned.get(), build.platforms().get(0));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /** Nothing is asked or answered any more. */
  public void end() {
    calls.end();
    containers.releaseAll();
  }

  private <T> T call(Call<T> work) throws InterruptedException {
    try (ActiveCalls.Active call = calls.begin()) {
      return work.on(call.await(running));
    }
  }

  /**
   * Gives refs of what a question leads to. Graphs are checked, and run only when they are needed.
   *
   * @param evaluate whether they are needed now
   * @param imports of caches that the client wants to be used
   * @param policies about sources, beside those of the build
   */
  public GatewayResult<NamedRef> solve(
      Question question, boolean evaluate, List<String> imports, SourcePolicies policies)
      throws InterruptedException {
    return call(
        whole -> {
          BuildRun build = whole.under(policies);
          Set<String> wanted = new LinkedHashSet<>(imports);
          if (question instanceof OfFrontend asked) {
            RequestNetwork.requireSame(asked.request().attrs(), request.attrs());
            wanted.addAll(CacheImports.named(asked.request().attrs()));
          }
          for (String each : wanted) {
            build.showSkipped(
                "importing cache manifest from " + each,
                "importing a cache is not offered yet: the build goes on without it");
          }
          GatewayResult<NamedRef> result = answer(question, build).map(refs::add);
          if (evaluate) {
            evaluate(result, build);
          }
          return result;
        });
  }

  private static GatewayResult<Definition> answer(Question question, BuildRun build)
      throws InterruptedException {
    return switch (question) {
      case OfGraph graph -> {
        Definition admitted = build.admit(graph.definition());
        build.check(admitted);
        yield new GatewayResult<>(new GatewayResult.Single<>(admitted), Map.of());
      }
      case OfFrontend asked ->
          ResultMetadata.toClient(build.run(asked.frontend(), asked.request())).map(build::admit);
      case OfNothing nothing -> new GatewayResult<>(new GatewayResult.Nothing<>(), Map.of());
    };
  }

  private void evaluate(GatewayResult<NamedRef> result, BuildRun build)
      throws InterruptedException {
    var definitions = new ArrayList<Definition>();
    result.map(ref -> definitions.add(ref.definition()));
    solve(build, definitions);
  }

  private List<@Nullable Result> solve(BuildRun build, List<Definition> definitions)
      throws InterruptedException {
    List<Definition> graphs = definitions.stream().map(build::admit).toList();
    try {
      return build.solve(graphs);
    } catch (BuildException failure) {
      throw failures.described(failure, graphs, build);
    }
  }

  /** Solves what a ref stands for. */
  public void evaluate(String ref) throws InterruptedException {
    call(build -> solve(build, List.of(refs.find(ref))));
  }

  /**
   * What is to be used for a source.
   *
   * @param policies beside those of the build
   * @throws BuildException PERMISSION_DENIED when one denies it
   */
  public SourceOp admit(SourceOp source, SourcePolicies policies) throws InterruptedException {
    return call(build -> build.under(policies).admit(source));
  }

  /** Finds an image that was {@linkplain #admit admitted}; of no platform it is the build's own. */
  public ImageConfigs.Found resolveImage(
      String reference,
      @Nullable Platform platform,
      FrontendBridge.ResolveMode mode,
      String logName)
      throws InterruptedException {
    return call(
        build ->
            build.admittedImage(
                reference, platform == null ? build.platforms().get(0) : platform, mode, logName));
  }

  /** Finds out what a source is that is no image and was {@linkplain #admit admitted}. */
  public SourceFacts describe(
      String identifier, Map<String, String> attrs, SourceQuestion question, String logName)
      throws InterruptedException {
    return call(
        build ->
            build.describe(
                new SourceRequest(identifier, attrs, build.platforms().get(0)), question, logName));
  }

  /**
   * Reads a file.
   *
   * @param length in bytes; 0 for all up to the end
   * @throws BuildException NOT_FOUND when there is no such ref, container or file;
   *     RESOURCE_EXHAUSTED when the part is too large for one answer
   */
  public Bytes readFile(FileRoot root, String path, long offset, long length)
      throws InterruptedException {
    if (offset < 0 || length < 0) {
      throw new BuildException(
          Code.INVALID, "read " + path + ": negative range " + offset + "+" + length);
    }
    return reading(
        root,
        tree -> {
          int limit = (int) Math.min(length == 0 ? FILE_BYTES + 1 : length, FILE_BYTES + 1);
          Bytes read = tree.read(path, offset, limit);
          if (read.size() > FILE_BYTES) {
            throw new BuildException(
                Code.RESOURCE_EXHAUSTED,
                "read " + path + ": at most " + FILE_BYTES + " bytes are read at once");
          }
          return read;
        });
  }

  /**
   * What a directory holds.
   *
   * @param pattern of names; all when it is empty
   */
  public List<FileEntry> readDirectory(FileRoot root, String path, String pattern)
      throws InterruptedException {
    return reading(
        root,
        tree -> {
          List<FileEntry> all = tree.list(path);
          if (pattern.isEmpty()) {
            return all;
          }
          Glob glob = Glob.ofSegments(pattern);
          return all.stream().filter(entry -> glob.matches(entry.name())).toList();
        });
  }

  /** What is known of a file. */
  public FileEntry stat(FileRoot root, String path) throws InterruptedException {
    return reading(root, tree -> tree.stat(path));
  }

  private <T> T reading(FileRoot root, ReadableTree.Question<T> question)
      throws InterruptedException {
    return call(
        build ->
            switch (root) {
              case FileRoot.OfRef of ->
                  question.of(new ReadableTree.OfResult(build.files(), root(of.ref(), build)));
              case FileRoot.OfContainer of ->
                  containers.find(of.container()).reading(of.mount(), question);
            });
  }

  private Result root(String ref, BuildRun build) throws InterruptedException {
    RefTable.Left left = refs.left(ref);
    Result root = left == null ? null : left.find();
    if (left == null && !ref.isEmpty()) {
      root = solve(build, List.of(refs.find(ref))).getFirst();
    }
    if (root == null) {
      throw new BuildException(
          Code.NOT_FOUND, "no such ref '" + ref + "': scratch holds no files to be read");
    }
    return root;
  }

  /**
   * Makes a container, of which nothing is there until something runs in it or its files are read.
   *
   * @throws BuildException PERMISSION_DENIED when its network is not granted, ALREADY_EXISTS when
   *     there is one of its id
   */
  public void newContainer(ContainerSpec spec) throws InterruptedException {
    call(
        build -> {
          var inputs = new ArrayList<Result>();
          for (String ref : spec.refs()) {
            inputs.add(root(ref, build));
          }
          containers.add(spec.id(), new Container(spec, inputs, build.containers()));
          return build;
        });
  }

  /**
   * Fails when there is no such container.
   *
   * @throws BuildException NOT_FOUND
   */
  public void checkContainer(String id) {
    containers.find(id);
  }

  /** Runs a process in a container, to its end or to that of the first one in it. */
  public int exec(String container, ExecOp process, Attended output) throws InterruptedException {
    return call(build -> containers.find(container).run(process, output));
  }

  /** Ends a container with all that runs in it. */
  public void releaseContainer(String id) {
    containers.remove(id).release();
  }

  /** The graphs that the frontend was given, by name. */
  public Map<String, Definition> inputs() {
    var inputs = new TreeMap<String, Definition>();
    request.inputs().forEach((name, root) -> inputs.put(name, DefinitionEncoder.encode(root)));
    return inputs;
  }

  /** Shows a remark on a vertex. */
  public void warn(Digest vertex, FrontendBridge.Warning warning) throws InterruptedException {
    call(
        build -> {
          build.warn(vertex, warning);
          return build;
        });
  }

  /**
   * Takes the result, by refs.
   *
   * @throws BuildException INVALID the second time; NOT_FOUND when a ref is not of this build,
   *     which then fails too
   */
  public void complete(GatewayResult<String> result) {
    GatewayResult<Definition> graphs;
    try {
      graphs = result.map(refs::find);
    } catch (BuildException unknown) {
      fail(unknown);
      throw unknown;
    }
    if (!returned.complete(graphs)) {
      throw twice();
    }
  }

  /** Gives up waiting for a result, unless it is there. */
  public void abandoned(BuildException why) {
    returned.completeExceptionally(why);
  }

  /** Takes the failure that the frontend had instead. */
  public void fail(BuildException failure) {
    if (!returned.completeExceptionally(failure)) {
      throw twice();
    }
  }

  private static BuildException twice() {
    return new BuildException(Code.INVALID, "return: the build has its result already");
  }
}
