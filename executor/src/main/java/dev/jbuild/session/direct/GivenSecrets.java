package dev.jbuild.session.direct;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Secrets;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Secrets of this machine: files, and variables of the environment. A file is read whenever a step
 * asks for it.
 */
public final class GivenSecrets implements Secrets {
  private static final int LIMIT_BYTES = 500 * 1024;

  private final Map<String, Origin> origins;

  /**
   * @param origins by the secret's id
   */
  public GivenSecrets(Map<String, Origin> origins) {
    this.origins = Map.copyOf(origins);
  }

  /** Where a secret is. */
  public sealed interface Origin {}

  /** In a file. */
  public record InFile(Path path) implements Origin {}

  /** Here. */
  public record Value(Bytes bytes) implements Origin {
    @Override
    public String toString() {
      return "Value[***]";
    }
  }

  @Override
  public Optional<Bytes> secret(String id) {
    return switch (origins.get(id)) {
      case null -> Optional.empty();
      case Value value -> Optional.of(value.bytes());
      case InFile file -> Optional.of(read(id, file.path()));
    };
  }

  private static Bytes read(String id, Path path) {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(path)) {
      bytes = in.readNBytes(LIMIT_BYTES + 1);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "secret '" + id + "': '" + path + "' cannot be read: " + e, e);
    }
    if (bytes.length > LIMIT_BYTES) {
      throw new BuildException(
          Code.INVALID, "secret '" + id + "': '" + path + "' has more than 500 KiB");
    }
    return Bytes.copyOf(bytes);
  }
}
