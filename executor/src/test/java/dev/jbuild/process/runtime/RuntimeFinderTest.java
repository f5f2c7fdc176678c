package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import dev.jbuild.process.runtime.RuntimeConfig.Preference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RuntimeFinderTest {
  @TempDir private Path directory;

  private RuntimeConfig config(Preference preference, @Nullable Path binary) {
    return new RuntimeConfig(preference, binary, directory, directory);
  }

  private Path program(String name) throws Exception {
    var file = directory.resolve(name);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    return file;
  }

  private OciRuntime find(Preference preference, List<Path> places) {
    var path = String.join(":", places.stream().map(Path::toString).toList());
    return RuntimeFinder.find(config(preference, null), path, List.of());
  }

  @Test
  void crunComesBeforeRunc() throws Exception {
    var runc = program("runc");
    assertEquals(new OciRuntime(Kind.RUNC, runc), find(Preference.ANY, List.of(directory)));
    var crun = program("crun");
    assertEquals(new OciRuntime(Kind.CRUN, crun), find(Preference.ANY, List.of(directory)));
    assertEquals(new OciRuntime(Kind.RUNC, runc), find(Preference.RUNC, List.of(directory)));
  }

  @Test
  void withoutRuntimeThePackageIsNamed() {
    var failure =
        assertThrows(BuildException.class, () -> find(Preference.ANY, List.of(directory)));
    assertEquals(Code.UNAVAILABLE, failure.code());
    assertEquals(
        "oci runtime: neither crun nor runc is installed, so no step can run: install the package"
            + " crun with 'apt-get install crun'",
        failure.message());
    assertEquals(
        "oci runtime: runc is not installed, so no step can run: install the package runc with"
            + " 'apt-get install runc'",
        assertThrows(BuildException.class, () -> find(Preference.RUNC, List.of())).message());
  }

  @Test
  void configuredNameIsLookedForInThePath() throws Exception {
    var own = program("buildkit-runc");
    assertEquals(
        new OciRuntime(Kind.RUNC, own),
        RuntimeFinder.find(
            config(Preference.ANY, Path.of("buildkit-runc")), directory.toString(), List.of()));
    assertEquals(
        "oci runtime: there is no program 'nosuch' in PATH: install it, or say its path",
        assertThrows(
                BuildException.class,
                () ->
                    RuntimeFinder.find(
                        config(Preference.ANY, Path.of("nosuch")), "/nowhere", List.of()))
            .message());
  }

  @Test
  void configuredPathIsTakenByItsName() throws Exception {
    var own = program("my-runc");
    assertEquals(
        new OciRuntime(Kind.RUNC, own),
        RuntimeFinder.find(config(Preference.ANY, own), "", List.of()));
    var missing = directory.resolve("none");
    assertEquals(
        "oci runtime: '" + missing + "' is not an executable file: correct its path",
        assertThrows(
                BuildException.class,
                () -> RuntimeFinder.find(config(Preference.ANY, missing), "", List.of()))
            .message());
  }
}
