package dev.jbuild.process.runtime;

import dev.jbuild.linux.Kernel;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;

/**
 * How the runtime's program is started.
 *
 * <p>crun protects its own file from the sandbox (CVE-2019-5736): it copies itself and starts the
 * copy, which costs a second start, a quarter of a step. Started from a read-only mount it needs no
 * copy, and says so by itself when the variable is set and the mount really is read-only.
 *
 * @param path what to execute
 * @param environment added variables
 */
record RuntimeBinary(Path path, Map<String, String> environment) {
  private static final System.Logger LOG = System.getLogger(RuntimeBinary.class.getName());

  /** Directory in the run directory, which the watchdog empties. */
  static final String PLACE = ".runtime";

  static RuntimeBinary prepare(Kernel kernel, OciRuntime runtime, Path runDirectory) {
    if (runtime.kind() == Kind.RUNC) {
      return new RuntimeBinary(runtime.binary(), Map.of());
    }
    var place = runDirectory.resolve(PLACE).resolve(runtime.kind().command());
    try {
      Files.createDirectories(runDirectory.resolve(PLACE));
      Files.createFile(place);
      new StepMounts(kernel).bindReadonly(runtime.binary(), place);
      return new RuntimeBinary(place, Map.of("_LIBCONTAINER_CLONED_BINARY", "1"));
    } catch (IOException refused) {
      LOG.log(
          System.Logger.Level.INFO,
          "crun cannot be mounted read-only, each step takes about 1 ms longer: {0}",
          refused.getMessage());
      deleteQuietly(place);
      return new RuntimeBinary(runtime.binary(), Map.of());
    }
  }

  private static void deleteQuietly(Path place) {
    try {
      Files.deleteIfExists(place);
    } catch (NoSuchFileException gone) {
      // That is what was wanted.
    } catch (IOException kept) {
      LOG.log(System.Logger.Level.DEBUG, "{0} stays: {1}", place, kept.getMessage());
    }
  }
}
