package dev.jbuild.snapshot;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** Gives digests of files in committed layers, which never change. */
public interface FileDigests {

  /** Digest of the content of {@code path} in the layer, which lies in {@code file}. */
  Digest digest(LayerId layer, String path, Path file) throws IOException;

  /** Hashes each time. */
  static FileDigests uncached() {
    return (layer, path, file) -> hash(file);
  }

  /** Reads a file and hashes it. */
  static Digest hash(Path file) throws IOException {
    MessageDigest hash = Digest.sha256();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        hash.update(buffer, 0, read);
      }
    }
    return Digest.ofHash(hash.digest());
  }
}
