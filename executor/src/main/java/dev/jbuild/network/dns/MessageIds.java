package dev.jbuild.network.dns;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/** Ids that nobody can guess. Safe for use by several threads. */
final class MessageIds {
  private static final int ALL = 0x10000;

  private @Nullable SecureRandom random;

  /** Loads the generator at first use: a build may never ask for a name. */
  synchronized int next() {
    if (random == null) {
      random = new SecureRandom();
    }
    return random.nextInt(ALL);
  }
}
