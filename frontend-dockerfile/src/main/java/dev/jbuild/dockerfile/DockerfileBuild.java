package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.convert.Conversion;
import dev.jbuild.dockerfile.convert.LocalSources;
import dev.jbuild.dockerfile.convert.MainContext;
import dev.jbuild.dockerfile.convert.SourceDate;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.lint.FileChecks;
import dev.jbuild.dockerfile.lint.Remarks;
import dev.jbuild.dockerfile.lint.StepNetwork;
import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.dockerfile.parse.DockerfileParser;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.dockerfile.remote.RemoteContext;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/** One request's way from a file to graphs. Not thread safe. */
final class DockerfileBuild {
  private final FrontendRequest request;
  private final FrontendBridge bridge;
  private final BuildOptions options;
  private final ExecutorService executor;
  private final DockerfileText text;
  private final Mistakes mistakes = new Mistakes();
  private final SyntaxTree tree;
  private final Remarks remarks;

  private DockerfileBuild(
      FrontendRequest request,
      FrontendBridge bridge,
      BuildOptions options,
      ExecutorService executor,
      DockerfileText text) {
    this.request = request;
    this.bridge = bridge;
    this.options = options;
    this.executor = executor;
    this.text = text;
    this.tree = DockerfileParser.parse(text.file(), mistakes);
    this.remarks = new Remarks(text.file(), CheckDirective.policy(tree, request.attrs(), mistakes));
  }

  /** Loads the file. A context on the net stands in for the client's local sources. */
  static DockerfileBuild open(
      FrontendRequest request,
      FrontendBridge bridge,
      BuildOptions options,
      ExecutorService executor)
      throws InterruptedException {
    String remote = options.context().remote();
    if (remote == null) {
      return load(request, bridge, options, executor);
    }
    ContextOptions context = options.context();
    boolean dated = !options.buildArgs().getOrDefault(SourceDate.NAME, "").isEmpty();
    var found = RemoteContext.of(remote, context.keepGitDir(), dated, bridge);
    var inputs = new TreeMap<>(request.inputs());
    inputs.put(ContextOptions.CONTEXT_LOCAL, found.files());
    if (!context.dockerfileForced()) {
      inputs.put(context.dockerfileLocal(), found.files());
    }
    return load(
        new FrontendRequest(request.attrs(), inputs),
        bridge,
        found.isDockerfile() && !context.dockerfileForced()
            ? options.withFilename(RemoteContext.FILENAME)
            : options,
        executor);
  }

  private static DockerfileBuild load(
      FrontendRequest request,
      FrontendBridge bridge,
      BuildOptions options,
      ExecutorService executor)
      throws InterruptedException {
    var locals = new LocalSources(options.context());
    DockerfileText text =
        new DockerfileLoader(bridge, options.context(), locals, request.inputs()).load();
    return new DockerfileBuild(request, bridge, options, executor, text);
  }

  SourceFile file() {
    return text.file();
  }

  /** What was found so far. */
  Remarks remarks() {
    return remarks;
  }

  /** Another frontend, which is to build the file; null where this one does. */
  SyntaxDirective.@Nullable Foreign foreign() {
    return SyntaxDirective.foreign(tree, request.attrs());
  }

  /** Reads and checks the instructions. */
  Dockerfile read() {
    SyntaxDirective.Foreign foreign = foreign();
    if (foreign != null) {
      throw foreign.notOffered(text.file());
    }
    Dockerfile dockerfile = Dockerfile.read(tree, mistakes);
    var network = new StepNetwork(options.run().network(), bridge.hostPorts());
    FileChecks.run(tree, dockerfile, network, remarks);
    mistakes.fail();
    return dockerfile;
  }

  /** One result for each platform asked for. */
  List<Conversion.Converted> convert(Dockerfile dockerfile) throws InterruptedException {
    var context =
        new MainContext(
            bridge,
            options.context(),
            new LocalSources(options.context()),
            request.inputs(),
            text.ignoreFile());
    var conversion =
        new Conversion(dockerfile, options, bridge, context, request.inputs(), remarks, executor);
    List<Platform> platforms = options.platforms();
    if (platforms.isEmpty()) {
      platforms = List.of(bridge.platforms().getFirst().normalized());
    }
    var converted = new ArrayList<Conversion.Converted>();
    for (Platform platform : platforms) {
      converted.add(conversion.convert(platform));
    }
    return converted;
  }
}
