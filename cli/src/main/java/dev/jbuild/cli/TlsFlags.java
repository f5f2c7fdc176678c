package dev.jbuild.cli;

import dev.jbuild.cli.build.UsageException;
import dev.jbuild.cli.engine.TlsOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code --tlscacert}, {@code --tlscert}, {@code --tlskey} and so on, as buildctl does. */
final class TlsFlags {
  private final Function<String, @Nullable String> values;
  private final Path directory;

  private TlsFlags(Function<String, @Nullable String> values, Path directory) {
    this.values = values;
    this.directory = directory;
  }

  /**
   * Null when no flag is given.
   *
   * @param values of flags, null where one is not given
   * @param directory that files are relative to
   */
  static @Nullable TlsOptions of(
      @Nullable String address, Function<String, @Nullable String> values, Path directory) {
    return new TlsFlags(values, directory).read(address);
  }

  private @Nullable TlsOptions read(@Nullable String address) {
    String given = given();
    if (given == null) {
      return null;
    }
    if (address == null || !address.startsWith("tcp://")) {
      throw new UsageException(
          given
              + ": TLS is for daemons at tcp://HOST:PORT, and this one is "
              + (address == null ? "in this process" : "at '" + address + "'"));
    }
    Path ca = file("--tlscacert");
    Path cert = file("--tlscert");
    Path key = file("--tlskey");
    Path all = file("--tlsdir");
    if (all != null) {
      ca = ca == null ? oneOf(all, "ca.pem", "ca.crt") : ca;
      cert = cert == null ? oneOf(all, "cert.pem", "tls.crt") : cert;
      key = key == null ? oneOf(all, "key.pem", "tls.key") : key;
    }
    if ((cert == null) != (key == null)) {
      throw new UsageException("--tlscert and --tlskey belong together: give both or none");
    }
    return new TlsOptions(ca, cert, key, values.apply("--tlsservername"));
  }

  private @Nullable String given() {
    return List.of("--tlscacert", "--tlscert", "--tlskey", "--tlsdir", "--tlsservername").stream()
        .filter(name -> values.apply(name) != null)
        .findFirst()
        .orElse(null);
  }

  private @Nullable Path file(String name) {
    String value = values.apply(name);
    return value == null ? null : directory.resolve(value);
  }

  private static Path oneOf(Path directory, String first, String second) {
    for (String name : List.of(first, second)) {
      if (Files.exists(directory.resolve(name))) {
        return directory.resolve(name);
      }
    }
    throw new UsageException(
        "--tlsdir: neither '" + first + "' nor '" + second + "' is in '" + directory + "'");
  }
}
