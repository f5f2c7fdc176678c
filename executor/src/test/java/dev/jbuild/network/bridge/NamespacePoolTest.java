package dev.jbuild.network.bridge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Descriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

/** The pool alone: namespaces are fakes, the background is run by hand. */
final class NamespacePoolTest {
  private final ArrayDeque<Runnable> background = new ArrayDeque<>();
  private final List<Integer> made = new ArrayList<>();
  private final List<Integer> closed = new ArrayList<>();
  private final List<Integer> left = new ArrayList<>();
  private final AddressPool addresses = new AddressPool(Subnet.parse("10.89.0.0/29"), 100);

  private NamespacePool pool(int size, NamespacePool.Maker maker) {
    var bounds = new NamespacePool.Bounds(size, 10_000);
    var pool = new NamespacePool(maker, addresses, this::leave, background::add, bounds);
    addresses.whenFreed(pool::freed);
    return pool;
  }

  private void leave(int offset) {
    addresses.leave();
    left.add(offset);
  }

  private Descriptor make(int offset) {
    made.add(offset);
    return new Descriptor() {
      @Override
      public int number() {
        return offset;
      }

      @Override
      public Path path() {
        return Path.of("/proc/self/fd/" + offset);
      }

      @Override
      public void close() {
        closed.add(offset);
      }
    };
  }

  private void runBackground() {
    while (!background.isEmpty()) {
      background.remove().run();
    }
  }

  @Test
  void namespacesAreMadeAheadAndGivenOnce() throws Exception {
    var pool = pool(2, this::make);
    pool.fill();
    runBackground();
    assertEquals(List.of(2, 3), made);
    assertEquals(2, pool.take().offset());
    assertEquals(1, pool.size());
    runBackground();
    assertEquals(List.of(2, 3, 4), made);
    assertEquals(3, pool.take().offset());
  }

  @Test
  void emptyPoolMakesOneAtOnce() throws Exception {
    var pool = pool(0, this::make);
    assertEquals(2, pool.take().offset());
    assertTrue(background.isEmpty());
  }

  @Test
  void exhaustionIsSaidAtOnce() throws Exception {
    var pool = pool(0, this::make);
    for (int i = 0; i < 5; i++) {
      pool.take();
    }
    var failure = assertThrows(BuildException.class, pool::take);
    assertEquals(Code.RESOURCE_EXHAUSTED, failure.code());
    assertEquals(
        "bridge network 10.89.0.0/29: all 5 addresses are in use by running steps;"
            + " run fewer steps at once or configure a larger subnet",
        failure.getMessage());
  }

  @Test
  void addressOnItsWayBackIsWaitedFor() throws Exception {
    var pool = pool(0, this::make);
    for (int i = 0; i < 5; i++) {
      pool.take();
    }
    addresses.leave();
    var next = new FutureTask<>(pool::take);
    Thread.ofVirtual().start(next);
    addresses.release(4);
    assertEquals(4, next.get().offset());
  }

  @Test
  void namespaceThatIsBeingMadeIsWaitedFor() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var pool =
        pool(
            1,
            offset -> {
              if (offset == 2) {
                begun.countDown();
                await(goOn);
              }
              return make(offset);
            });
    pool.fill();
    var refill = Thread.ofVirtual().start(background.remove());
    await(begun);
    for (int i = 0; i < 4; i++) {
      pool.take();
    }
    var last = new FutureTask<>(pool::take);
    Thread.ofVirtual().start(last);
    goOn.countDown();
    assertEquals(2, last.get().offset());
    refill.join();
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Test
  void failedRefillIsTriedAgainByTheNext() throws Exception {
    var fails = new ArrayDeque<>(List.of(true));
    var pool =
        pool(
            1,
            offset -> {
              if (!fails.isEmpty() && fails.remove()) {
                throw new IOException("no memory");
              }
              return make(offset);
            });
    pool.fill();
    runBackground();
    assertEquals(List.of(2), left);
    assertEquals(3, pool.take().offset());
    runBackground();
    assertEquals(1, pool.size());
  }

  @Test
  void stopThrowsAwayWhatIsReady() {
    var pool = pool(2, this::make);
    pool.fill();
    runBackground();
    pool.stop();
    assertEquals(List.of(2, 3), closed);
    pool.fill();
    assertTrue(background.isEmpty());
  }
}
