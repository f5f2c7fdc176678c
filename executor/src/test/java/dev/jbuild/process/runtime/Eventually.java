package dev.jbuild.process.runtime;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition with a bound. */
public final class Eventually {
  private Eventually() {}

  /** Fails with {@code what} when the condition does not come true in time. */
  public static void await(String what, long limitMillis, BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limitMillis);
    boolean met = condition.getAsBoolean();
    while (!met && System.nanoTime() < deadline) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      met = condition.getAsBoolean();
    }
    assertTrue(met, what);
  }
}
