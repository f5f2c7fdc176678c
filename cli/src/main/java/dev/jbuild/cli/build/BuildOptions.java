package dev.jbuild.cli.build;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The flags of {@code jbuild build} as typed. Their meanings are {@code docker build}'s. Source:
 * docker's reference of {@code buildx build}.
 *
 * @param path the context: a directory, or {@code -}
 * @param file the Dockerfile, {@code -} for standard input, null for the context's own
 * @param network what is said about the network of steps
 * @param agents values of {@code --ssh}
 * @param call what the frontend is asked
 * @param sourcePolicyFile null where the environment decides
 */
public record BuildOptions(
    String path,
    @Nullable String file,
    List<String> tags,
    @Nullable String target,
    List<String> buildArgs,
    List<String> buildContexts,
    NetworkOptions network,
    List<String> allow,
    boolean noCache,
    List<String> noCacheFilter,
    boolean pull,
    List<String> outputs,
    boolean push,
    List<String> labels,
    List<String> platforms,
    StepLimits limits,
    ProgressMode progress,
    @Nullable String metadataFile,
    @Nullable String iidFile,
    List<String> secrets,
    List<String> agents,
    CallFlag call,
    @Nullable String sourcePolicyFile) {

  public BuildOptions {
    tags = List.copyOf(tags);
    buildArgs = List.copyOf(buildArgs);
    buildContexts = List.copyOf(buildContexts);
    allow = List.copyOf(allow);
    noCacheFilter = List.copyOf(noCacheFilter);
    outputs = List.copyOf(outputs);
    labels = List.copyOf(labels);
    platforms = List.copyOf(platforms);
    secrets = List.copyOf(secrets);
    agents = List.copyOf(agents);
  }

  /** How the build is shown. */
  public enum ProgressMode {
    /** Drawn on a terminal, else plain. */
    AUTO,
    PLAIN,
    TTY,
    QUIET
  }
}
