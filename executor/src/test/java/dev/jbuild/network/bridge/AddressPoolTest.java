package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

final class AddressPoolTest {
  private static AddressPool pool(int maxOpen) {
    return new AddressPool(Subnet.parse("10.89.0.0/29"), maxOpen, 10_000);
  }

  @Test
  void addressesAreConsecutiveAndComeBackLate() throws InterruptedException {
    var pool = pool(100);
    assertEquals(2, pool.take());
    assertEquals(3, pool.take());
    pool.leave();
    pool.release(2);
    assertEquals(4, pool.take());
    assertEquals(5, pool.take());
    assertEquals(6, pool.take());
    assertEquals(2, pool.take());
    assertEquals(5, pool.size());
  }

  @Test
  void exhaustionIsSaidAtOnce() throws InterruptedException {
    var pool = pool(1);
    pool.take();
    var failure = assertThrows(BuildException.class, pool::take);
    assertEquals(Code.RESOURCE_EXHAUSTED, failure.code());
    assertEquals(
        "bridge network 10.89.0.0/29: all 1 addresses are in use by running steps;"
            + " run fewer steps at once or configure a larger subnet",
        failure.getMessage());
  }

  @Test
  void addressOnItsWayBackIsWaitedFor() throws Exception {
    var pool = pool(1);
    int offset = pool.take();
    pool.leave();
    var next = new FutureTask<>(pool::take);
    Thread.ofVirtual().start(next);
    pool.release(offset);
    assertEquals(3, next.get());
  }
}
