package dev.jbuild.source.http;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a file must have as its digest: {@code sha256:}, {@code sha384:} or {@code sha512:}. */
record Checksum(String algorithm, String hex) {
  private static final Pattern FORM = Pattern.compile("(sha256|sha384|sha512):([0-9a-f]+)");
  private static final int BITS_PER_DIGIT = 4;

  static Checksum parse(String text) {
    Matcher parts = FORM.matcher(text);
    if (parts.matches()) {
      int digits = Integer.parseInt(parts.group(1).substring(3)) / BITS_PER_DIGIT;
      if (parts.group(2).length() == digits) {
        return new Checksum(parts.group(1), parts.group(2));
      }
    }
    throw new BuildException(
        Code.INVALID,
        "checksum '" + text + "': want sha256: and 64 lower-case hex digits, or sha384, sha512");
  }

  MessageDigest hash() {
    return hash(algorithm);
  }

  /**
   * @param algorithm {@code sha256}, {@code sha384} or {@code sha512}
   */
  static MessageDigest hash(String algorithm) {
    try {
      return MessageDigest.getInstance("SHA-" + algorithm.substring(3));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + algorithm, e);
    }
  }

  Checksum of(byte[] digest) {
    return new Checksum(algorithm, HexFormat.of().formatHex(digest));
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
