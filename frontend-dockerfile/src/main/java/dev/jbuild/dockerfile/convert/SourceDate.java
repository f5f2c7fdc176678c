package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.remote.RemoteContext;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.SourceRange;
import java.time.Instant;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code SOURCE_DATE_EPOCH}: seconds, or {@code context} or the name of a named context for the
 * time of what was committed or uploaded there. A context of the client's disk has no time that
 * means anything: nothing is set then. Source: dockerfile-frontend-opts.md, section 3.
 */
public final class SourceDate {
  public static final String NAME = "SOURCE_DATE_EPOCH";

  /** The last second of the year 9999: later ones have no RFC 3339 form. */
  private static final long MAX_SECONDS = 253_402_300_799L;

  private final ContextOptions contexts;
  private final FrontendBridge bridge;

  public SourceDate(ContextOptions contexts, FrontendBridge bridge) {
    this.contexts = contexts;
    this.bridge = bridge;
  }

  /** The options with seconds where the build argument names a context. */
  public BuildOptions resolved(BuildOptions options) throws InterruptedException {
    String text = options.buildArgs().get(NAME);
    if (text == null || !namesContext(text)) {
      return options;
    }
    var args = new TreeMap<>(options.buildArgs());
    String seconds = seconds(text);
    if (seconds == null) {
      args.remove(NAME);
    } else {
      args.put(NAME, seconds);
    }
    return options.withBuildArgs(args);
  }

  /**
   * The time that a build argument or the file sets, null for none. The scope gets seconds where
   * the file names a context.
   *
   * @throws BuildException INVALID for what is no time, at its place in the file if it is there
   */
  @Nullable Instant of(BuildOptions options, GlobalScope globals, SourceFile file)
      throws InterruptedException {
    String given = options.buildArgs().get(NAME);
    String text = given == null ? globals.value(NAME) : given;
    if (given == null && text != null && namesContext(text)) {
      text = seconds(text);
      globals.replace(NAME, text);
    }
    if (text == null || text.isEmpty()) {
      return null;
    }
    try {
      long seconds = Long.parseLong(text);
      if (seconds >= 0 && seconds <= MAX_SECONDS) {
        return Instant.ofEpochSecond(seconds);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    String why = "'" + NAME + "' must be seconds since 1970 or 'context', got '" + text + "'";
    SourceRange range = given == null ? globals.defaultRange(NAME) : null;
    throw range == null
        ? new BuildException(Code.INVALID, "build argument " + why)
        : file.error(range, why);
  }

  private boolean namesContext(String text) {
    return text.equals(ContextOptions.CONTEXT_LOCAL) || contexts.named().containsKey(text);
  }

  private @Nullable String seconds(String name) throws InterruptedException {
    String url =
        name.equals(ContextOptions.CONTEXT_LOCAL) ? contexts.remote() : contexts.named().get(name);
    Instant time = url == null ? null : RemoteContext.time(url, bridge);
    return time == null ? null : String.valueOf(time.getEpochSecond());
  }
}
