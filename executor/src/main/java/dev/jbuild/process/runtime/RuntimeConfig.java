package dev.jbuild.process.runtime;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Which OCI runtime runs steps, and where their control files lie.
 *
 * @param preference what to look for
 * @param binary the runtime's own path, or null to look in {@code PATH} and the usual places
 * @param runDirectory {@code <root>/run}: only one process may use it at a time
 * @param filterDirectory where compiled seccomp filters are kept
 */
public record RuntimeConfig(
    Preference preference, @Nullable Path binary, Path runDirectory, Path filterDirectory) {

  /** With crun or runc, as found, under a state directory. */
  public static RuntimeConfig under(Path stateDirectory) {
    return new RuntimeConfig(
        Preference.ANY, null, stateDirectory.resolve("run"), stateDirectory.resolve("seccomp"));
  }

  /** The same with another preference. */
  public RuntimeConfig preferring(Preference other) {
    return new RuntimeConfig(other, binary, runDirectory, filterDirectory);
  }

  /** The same with the runtime at this path. */
  public RuntimeConfig at(Path path) {
    return new RuntimeConfig(preference, path, runDirectory, filterDirectory);
  }

  /** Runtimes that may be taken. */
  public enum Preference {
    /** crun, and runc where there is no crun. */
    ANY,
    CRUN,
    RUNC
  }
}
