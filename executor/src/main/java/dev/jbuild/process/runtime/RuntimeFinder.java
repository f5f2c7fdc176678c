package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the OCI runtime. */
final class RuntimeFinder {
  /** Where distributions put them; a daemon's {@code PATH} may lack some. */
  static final List<String> USUAL =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  private RuntimeFinder() {}

  /**
   * The runtime to use.
   *
   * @throws BuildException UNAVAILABLE when it is not there
   */
  static OciRuntime find(RuntimeConfig config) {
    String path = System.getenv("PATH");
    return find(config, path == null ? "" : path, USUAL);
  }

  /**
   * The same; a configured name without a slash is looked for as well.
   *
   * @param path value of the variable {@code PATH}
   * @param usual directories to look in after those
   */
  static OciRuntime find(RuntimeConfig config, String path, List<String> usual) {
    var kinds = kinds(config.preference());
    var configured = config.binary();
    if (configured != null) {
      // A path says where it lies; its name says how it wants to be called.
      boolean runc = configured.toString().contains("runc") || kinds.getFirst() == Kind.RUNC;
      return new OciRuntime(runc ? Kind.RUNC : Kind.CRUN, program(configured, path, usual));
    }
    for (Kind kind : kinds) {
      var found = inPath(kind.command(), path, usual);
      if (found.isPresent()) {
        return new OciRuntime(kind, found.get());
      }
    }
    throw new BuildException(Code.UNAVAILABLE, missing(config.preference()));
  }

  private static Path program(Path configured, String path, List<String> usual) {
    if (configured.getParent() == null) {
      return inPath(configured.toString(), path, usual)
          .orElseThrow(
              () ->
                  new BuildException(
                      Code.UNAVAILABLE,
                      "oci runtime: there is no program '"
                          + configured
                          + "' in PATH: install it, or say its path"));
    }
    if (!Files.isExecutable(configured)) {
      throw new BuildException(
          Code.UNAVAILABLE,
          "oci runtime: '" + configured + "' is not an executable file: correct its path");
    }
    return configured.toAbsolutePath();
  }

  private static List<Kind> kinds(RuntimeConfig.Preference preference) {
    return switch (preference) {
      case ANY -> List.of(Kind.CRUN, Kind.RUNC);
      case CRUN -> List.of(Kind.CRUN);
      case RUNC -> List.of(Kind.RUNC);
    };
  }

  private static String missing(RuntimeConfig.Preference preference) {
    return switch (preference) {
      case ANY ->
          "oci runtime: neither crun nor runc is installed, so no step can run: install the package"
              + " crun with 'apt-get install crun'";
      case CRUN ->
          "oci runtime: crun is not installed, so no step can run: install the package crun with"
              + " 'apt-get install crun'";
      case RUNC ->
          "oci runtime: runc is not installed, so no step can run: install the package runc with"
              + " 'apt-get install runc'";
    };
  }

  private static Optional<Path> inPath(String command, String path, List<String> usual) {
    var places = new ArrayList<>(List.of(path.split(":", -1)));
    places.addAll(usual);
    for (String place : places) {
      if (place.startsWith("/")) {
        var candidate = Path.of(place, command);
        if (Files.isRegularFile(candidate) && Files.isExecutable(candidate)) {
          return Optional.of(candidate);
        }
      }
    }
    return Optional.empty();
  }
}
