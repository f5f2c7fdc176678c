package dev.jbuild.daemon;

import dev.jbuild.daemon.config.Program;

/**
 * The version of this jbuild. A constant, since opening a jar for a resource would double the time
 * that {@code jbuild version} takes; a test compares it with the POM's.
 */
public final class Version {
  private static final String TEXT = "0.1.0-SNAPSHOT";

  /** The release of BuildKit whose API and command line this is. */
  private static final String BUILDKIT = "v0.32.2";

  private Version() {}

  /** What {@code --version} of the daemon prints. */
  static String line(Program program) {
    return switch (program) {
      case JBUILDD -> "jbuildd " + TEXT;
      case BUILDKITD -> asBuildkit("buildkitd");
    };
  }

  /**
   * The version as a program of BuildKit tells it: name, package, version and revision, which is
   * what clients split it into. The version is BuildKit's, and what comes after its plus sign
   * jbuild's.
   */
  public static String asBuildkit(String name) {
    return name + " dev.jbuild " + api() + " " + TEXT;
  }

  /** BuildKit's version, for clients that compare it, and after a plus sign jbuild's. */
  static String api() {
    return BUILDKIT + "+jbuild." + TEXT;
  }

  /** Such as {@code 0.1.0}. */
  public static String text() {
    return TEXT;
  }
}
