package dev.jbuild.dockerfile.options;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where Dockerfile and files come from.
 *
 * @param filename of the Dockerfile inside its source
 * @param dockerfileLocal name of the local source that holds it
 * @param dockerfileForced whether that local source is used even if there is an input
 * @param remote URL of the context, null for a local one
 * @param keepGitDir whether a context from git has its {@code .git}
 * @param subdirectory of a context that is remote or an input, or empty
 * @param named values of {@code context:<name>} by name
 * @param inputMetadata values of {@code input-metadata:<name>} by name
 * @param sharedKeys hints for named local contexts by name
 * @param sessions session ids of local sources by their names
 */
public record ContextOptions(
    String filename,
    String dockerfileLocal,
    boolean dockerfileForced,
    @Nullable String remote,
    boolean keepGitDir,
    String subdirectory,
    Map<String, String> named,
    Map<String, String> inputMetadata,
    Map<String, String> sharedKeys,
    Map<String, String> sessions) {

  public static final String CONTEXT_LOCAL = "context";

  public ContextOptions {
    named = Map.copyOf(named);
    inputMetadata = Map.copyOf(inputMetadata);
    sharedKeys = Map.copyOf(sharedKeys);
    sessions = Map.copyOf(sessions);
  }
}
