package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.convert.Conversion;
import dev.jbuild.dockerfile.convert.LocalSources;
import dev.jbuild.dockerfile.convert.MainContext;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.lint.FileChecks;
import dev.jbuild.dockerfile.lint.Finding;
import dev.jbuild.dockerfile.lint.Remarks;
import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.options.BuildOptionsReader;
import dev.jbuild.dockerfile.parse.DockerfileParser;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.frontend.FrontendResult.PlatformResult;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Consumer;

/**
 * Builds Dockerfiles: {@code dockerfile.v0}. Stateless, for any thread. All mistakes of the file
 * and its options are found before anything of the result runs.
 */
public final class DockerfileFrontend implements Frontend {
  private static final String EPOCH_KEY = "source.date.epoch";

  private final ExecutorService executor;

  /**
   * @param executor for looking for several base images at once; the caller closes it
   */
  public DockerfileFrontend(ExecutorService executor) {
    this.executor = executor;
  }

  @Override
  public FrontendResult solve(FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    Platform worker = bridge.platforms().get(0).normalized();
    BuildOptions options = BuildOptionsReader.read(request.attrs(), worker);
    String remote = options.context().remote();
    if (remote != null) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "option 'context': building from a git or http URL is not offered yet");
    }
    var locals = new LocalSources(options.context());
    DockerfileText text =
        new DockerfileLoader(bridge, options.context(), locals, request.inputs()).load();
    SourceFile file = text.file();
    var mistakes = new Mistakes();
    SyntaxTree tree = DockerfileParser.parse(file, mistakes);
    SyntaxDirective.check(tree, request.attrs());
    var remarks =
        new Remarks(
            file, CheckDirective.policy(tree, request.attrs(), mistakes), warnings(bridge, file));
    Dockerfile dockerfile = Dockerfile.read(tree, mistakes);
    FileChecks.run(tree, dockerfile, options.run().network(), remarks);
    mistakes.fail();
    var context =
        new MainContext(bridge, options.context(), locals, request.inputs(), text.ignoreFile());
    var conversion =
        new Conversion(dockerfile, options, bridge, context, request.inputs(), remarks, executor);
    List<Platform> platforms =
        options.platforms().isEmpty() ? List.of(worker) : options.platforms();
    var results = new ArrayList<PlatformResult>();
    Map<String, Bytes> metadata = new TreeMap<>();
    for (Platform platform : platforms) {
      Conversion.Converted converted = conversion.convert(platform);
      results.add(converted.result());
      if (converted.epoch() != null) {
        metadata.put(EPOCH_KEY, Bytes.utf8(String.valueOf(converted.epoch().getEpochSecond())));
      }
    }
    remarks.failIfErrors();
    return new FrontendResult(results, options.multiPlatform(), metadata);
  }

  private static Consumer<Finding> warnings(FrontendBridge bridge, SourceFile file) {
    return finding ->
        bridge.warn(
            new FrontendBridge.Warning(
                finding.shown(),
                List.of(finding.rule().description()),
                "",
                file.info(),
                List.of(finding.range())));
  }
}
