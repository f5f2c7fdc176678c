package dev.jbuild.ops;

import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Hashes the fields of a cache key. Every field carries its length, so that no two lists of fields
 * run together.
 */
final class KeyHash {
  private final MessageDigest hash = Digest.sha256();

  /**
   * @param kind of key with a version that changes whenever the meaning of its fields does
   */
  KeyHash(String kind) {
    text(kind);
  }

  KeyHash text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    number(bytes.length);
    hash.update(bytes);
    return this;
  }

  KeyHash number(long value) {
    hash.update(ByteBuffer.allocate(Long.BYTES).putLong(0, value));
    return this;
  }

  KeyHash flag(boolean value) {
    return number(value ? 1 : 0);
  }

  KeyHash texts(Collection<String> values) {
    number(values.size());
    values.forEach(this::text);
    return this;
  }

  KeyHash platform(@Nullable Platform platform) {
    return text(platform == null ? "" : platform.toString());
  }

  Digest digest() {
    return Digest.ofHash(hash.digest());
  }
}
