package dev.jbuild.cli.client;

import java.math.BigInteger;
import java.util.UUID;

/** Names that no other client chooses. */
final class Ids {
  private static final int LENGTH = 25;

  private Ids() {}

  /** 25 characters of base 36, as the field's clients use for builds and sessions. */
  static String next() {
    UUID random = UUID.randomUUID();
    BigInteger number =
        new BigInteger(Long.toUnsignedString(random.getMostSignificantBits()))
            .shiftLeft(Long.SIZE)
            .or(new BigInteger(Long.toUnsignedString(random.getLeastSignificantBits())));
    String text = number.toString(36);
    return "0".repeat(Math.max(0, LENGTH - text.length())) + text;
  }
}
