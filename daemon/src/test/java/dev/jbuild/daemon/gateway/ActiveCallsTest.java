package dev.jbuild.daemon.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ActiveCallsTest {
  private final ActiveCalls calls = new ActiveCalls("b");

  @Test
  void theEndInterruptsCallsAndWaitsForThem() throws Exception {
    var begun = new CountDownLatch(1);
    var interrupted = new AtomicBoolean();
    Thread.ofVirtual()
        .start(
            () -> {
              try (var call = calls.begin()) {
                begun.countDown();
                try {
                  call.await(new CompletableFuture<String>());
                } catch (InterruptedException e) {
                  interrupted.set(true);
                }
              }
            });
    begun.await();
    calls.end();
    assertTrue(interrupted.get());
    var e = assertThrows(BuildException.class, calls::begin);
    assertEquals(Code.NOT_FOUND, e.code());
    assertEquals("build 'b' has ended", e.message());
  }
}
