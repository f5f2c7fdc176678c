package dev.jbuild.dockerfile.options;

import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The options of one build. Source: the facts in dockerfile-frontend-opts.md, sections 1 and 2.
 *
 * @param target stage name or index, null for the last stage
 * @param platforms asked for; empty means the worker's own
 * @param multiPlatform whether an index is wanted even of one platform
 */
public record BuildOptions(
    ContextOptions context,
    @Nullable String target,
    Map<String, String> buildArgs,
    Map<String, String> labels,
    List<Platform> platforms,
    boolean multiPlatform,
    NoCache noCache,
    ResolveMode resolveMode,
    RunOptions run) {

  public BuildOptions {
    buildArgs = Map.copyOf(buildArgs);
    labels = Map.copyOf(labels);
    platforms = List.copyOf(platforms);
  }

  /** The same for a Dockerfile of another name. */
  public BuildOptions withFilename(String filename) {
    var other =
        new ContextOptions(
            filename,
            context.dockerfileLocal(),
            context.dockerfileForced(),
            context.remote(),
            context.keepGitDir(),
            context.subdirectory(),
            context.named(),
            context.inputMetadata(),
            context.sharedKeys(),
            context.sessions());
    return new BuildOptions(
        other, target, buildArgs, labels, platforms, multiPlatform, noCache, resolveMode, run);
  }

  /** The same with other build arguments. */
  public BuildOptions withBuildArgs(Map<String, String> args) {
    return new BuildOptions(
        context, target, args, labels, platforms, multiPlatform, noCache, resolveMode, run);
  }

  /**
   * Stages whose cached results are not used.
   *
   * @param all every stage
   * @param stages by name, as given
   */
  public record NoCache(boolean all, List<String> stages) {
    public static final NoCache NONE = new NoCache(false, List.of());

    public NoCache {
      stages = List.copyOf(stages);
    }

    /** Whether the stage of this name must run again. */
    public boolean covers(@Nullable String stage) {
      return all || (stage != null && stages.stream().anyMatch(stage::equalsIgnoreCase));
    }
  }
}
