package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class AddressPoolTest {
  private static AddressPool pool(int maxOpen) {
    return new AddressPool(Subnet.parse("10.89.0.0/29"), maxOpen);
  }

  @Test
  void addressesAreConsecutiveAndComeBackLate() {
    var pool = pool(100);
    assertEquals(2, pool.take());
    assertEquals(3, pool.take());
    pool.leave();
    pool.release(2);
    assertEquals(4, pool.take());
    assertEquals(5, pool.take());
    assertEquals(6, pool.take());
    assertEquals(2, pool.take());
    assertArrayEquals(new int[] {2, 3, 4, 5, 6}, pool.taken());
    assertEquals(-1, pool.take());
  }

  @Test
  void thereAreNoMoreThanMayBeOpen() {
    var pool = pool(1);
    assertEquals(2, pool.take());
    assertEquals(-1, pool.take());
  }

  @Test
  void whoeverWaitsIsToldOfAnAddressThatCameBack() {
    var pool = pool(1);
    var told = new AtomicInteger();
    pool.whenFreed(told::incrementAndGet);
    int offset = pool.take();
    assertFalse(pool.expectsSome());
    pool.leave();
    assertTrue(pool.expectsSome());
    pool.release(offset);
    assertFalse(pool.expectsSome());
    assertEquals(1, told.get());
    assertEquals(3, pool.take());
  }
}
