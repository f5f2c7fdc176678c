package dev.jbuild.ops;

import java.util.concurrent.atomic.AtomicLong;

/** Names for the steps of one process, unique while it lives. Safe for use by several threads. */
public final class StepIds {
  private static final int RADIX = 36;

  private final AtomicLong last = new AtomicLong();

  String next() {
    return "step" + Long.toString(last.incrementAndGet(), RADIX);
  }
}
