package dev.jbuild.oci;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Immutable bytes with value equality: received ops, configs, file contents. */
public final class Bytes {
  private static final Bytes EMPTY = new Bytes(new byte[0]);

  private final byte[] value;

  private Bytes(byte[] value) {
    this.value = value;
  }

  /** A copy of these bytes. */
  public static Bytes copyOf(byte[] value) {
    return value.length == 0 ? EMPTY : new Bytes(value.clone());
  }

  /** UTF-8 of the text. */
  public static Bytes utf8(String text) {
    return text.isEmpty() ? EMPTY : new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  public static Bytes empty() {
    return EMPTY;
  }

  public int size() {
    return value.length;
  }

  /** A copy. */
  public byte[] toArray() {
    return value.clone();
  }

  /** SHA-256 of the bytes. */
  public Digest digest() {
    return Digest.of(value);
  }

  /** The bytes read as UTF-8; malformed input becomes U+FFFD. */
  public String toUtf8() {
    return new String(value, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(value, bytes.value);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(value);
  }

  @Override
  public String toString() {
    return value.length + " bytes";
  }
}
