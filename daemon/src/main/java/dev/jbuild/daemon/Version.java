package dev.jbuild.daemon;

/**
 * The version of this jbuild. A constant, since opening a jar for a resource would double the time
 * that {@code jbuild version} takes; a test compares it with the POM's.
 */
public final class Version {
  private static final String TEXT = "0.1.0-SNAPSHOT";

  private Version() {}

  /** Such as {@code 0.1.0}. */
  public static String text() {
    return TEXT;
  }
}
