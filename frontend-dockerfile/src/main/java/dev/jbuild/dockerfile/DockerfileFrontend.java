package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.convert.Conversion;
import dev.jbuild.dockerfile.convert.SourceDate;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.lint.BuildArguments;
import dev.jbuild.dockerfile.lint.Finding;
import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.options.BuildOptionsReader;
import dev.jbuild.dockerfile.request.DescribeAnswer;
import dev.jbuild.dockerfile.request.LintAnswer;
import dev.jbuild.dockerfile.request.LlbAnswer;
import dev.jbuild.dockerfile.request.OutlineAnswer;
import dev.jbuild.dockerfile.request.Subrequest;
import dev.jbuild.dockerfile.request.TargetsAnswer;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Detail;
import dev.jbuild.frontend.Frontend;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import dev.jbuild.frontend.FrontendResult.PlatformResult;
import dev.jbuild.oci.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * Builds Dockerfiles, and answers questions about them: {@code dockerfile.v0}. Stateless, for any
 * thread. All mistakes of the file and its options are found before anything of the result runs.
 */
public final class DockerfileFrontend implements Frontend {
  private static final String REQUEST_KEY = "requestid";
  private static final String EPOCH_KEY = "source.date.epoch";

  private final ExecutorService executor;

  /**
   * @param executor for looking for several base images at once; the caller closes it
   */
  public DockerfileFrontend(ExecutorService executor) {
    this.executor = executor;
  }

  /**
   * Whether this frontend stands in for an image that a request or a {@code # syntax=} line names.
   */
  public static boolean serves(String image) {
    return SyntaxDirective.isServed(image);
  }

  @Override
  public FrontendResult solve(FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    BuildOptions given =
        BuildOptionsReader.read(request.attrs(), bridge.platforms().getFirst().normalized());
    String id = request.attrs().get(REQUEST_KEY);
    Subrequest asked = id == null || id.isEmpty() ? null : Subrequest.of(id);
    if (asked == Subrequest.DESCRIBE) {
      return DescribeAnswer.result();
    }
    BuildOptions options = new SourceDate(given.context(), bridge).resolved(given);
    DockerfileBuild build = DockerfileBuild.open(request, bridge, options, executor);
    Optional<FrontendResult> elsewhere = elsewhere(build, request, bridge);
    if (elsewhere.isPresent()) {
      return elsewhere.get();
    }
    return asked == null ? build(build, options, bridge) : answer(asked, build);
  }

  /** The file may name another frontend, which answers questions about it too. */
  private static Optional<FrontendResult> elsewhere(
      DockerfileBuild build, FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    SyntaxDirective.Foreign foreign = build.foreign();
    if (foreign == null) {
      return Optional.empty();
    }
    var attrs = new TreeMap<>(request.attrs());
    attrs.put("source", foreign.image());
    attrs.put("cmdline", foreign.commandLine());
    return bridge.delegate(new FrontendRequest(attrs, request.inputs()));
  }

  /** Users read the remarks also where the file cannot be built. */
  private static FrontendResult build(
      DockerfileBuild build, BuildOptions options, FrontendBridge bridge)
      throws InterruptedException {
    List<Conversion.Converted> converted;
    try {
      Dockerfile dockerfile = build.read();
      converted = build.convert(dockerfile);
      String undeclared = BuildArguments.undeclared(dockerfile, options.buildArgs().keySet());
      if (!undeclared.isEmpty()) {
        bridge.warn(
            new FrontendBridge.Warning(undeclared, List.of(), "", build.file().info(), List.of()));
      }
    } finally {
      for (Finding finding : build.remarks().all()) {
        bridge.warn(
            new FrontendBridge.Warning(
                finding.shown(),
                List.of(finding.rule().description()),
                "",
                build.file().info(),
                List.of(finding.range())));
      }
    }
    build.remarks().failIfErrors();
    var results = new ArrayList<PlatformResult>();
    Map<String, Bytes> metadata = new TreeMap<>();
    for (Conversion.Converted one : converted) {
      results.add(one.result());
      if (one.epoch() != null) {
        metadata.put(EPOCH_KEY, Bytes.utf8(String.valueOf(one.epoch().getEpochSecond())));
      }
    }
    return new FrontendResult(results, options.multiPlatform(), metadata);
  }

  private static FrontendResult answer(Subrequest asked, DockerfileBuild build)
      throws InterruptedException {
    return switch (asked) {
      case CONVERT -> LlbAnswer.result(build.convert(build.read()).getFirst().result().root());
      case DESCRIBE -> DescribeAnswer.result();
      case LINT -> {
        BuildException failure = failure(build);
        yield LintAnswer.result(build.file(), build.remarks().all(), failure);
      }
      case OUTLINE -> {
        Conversion.Converted converted = build.convert(build.read()).getFirst();
        yield OutlineAnswer.result(build.file(), converted.target(), converted.outline());
      }
      case TARGETS -> TargetsAnswer.result(build.file(), build.read());
    };
  }

  /** Why the file cannot be built, with the place in it; null where it can. */
  private static @Nullable BuildException failure(DockerfileBuild build)
      throws InterruptedException {
    try {
      build.convert(build.read());
      return null;
    } catch (BuildException e) {
      if (e.details().stream().noneMatch(Detail.Source.class::isInstance)) {
        throw e;
      }
      return e;
    }
  }
}
