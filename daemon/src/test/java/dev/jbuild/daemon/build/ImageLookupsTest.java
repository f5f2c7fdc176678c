package dev.jbuild.daemon.build;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.frontend.FrontendBridge.ResolvedImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Platform;
import java.time.Clock;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ImageLookupsTest {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");
  private static final ImageConfigs.Found FOUND =
      new ImageConfigs.Found(
          new ResolvedImage("x", Bytes.empty().digest(), Bytes.empty()), Bytes.empty().digest());

  private final AtomicInteger asked = new AtomicInteger();

  private ImageLookups over(ImageConfigs images) {
    return new ImageLookups(
        images, ToyEngine.scope("b"), new ProgressLog(Clock.systemUTC()), Clock.systemUTC());
  }

  private static ImageConfigs.Found find(ImageLookups lookups) throws InterruptedException {
    return lookups.find("x", AMD64, ResolveMode.DEFAULT, "load x");
  }

  @Test
  void anImageIsLookedUpOnce() throws Exception {
    ImageLookups lookups =
        over(
            (reference, platform, mode, scope, progress) -> {
              asked.incrementAndGet();
              return FOUND;
            });
    assertSame(FOUND, find(lookups));
    assertSame(FOUND, find(lookups));
    lookups.find("x", AMD64, ResolveMode.PULL, "load x");
    assertEquals(2, asked.get(), "once for each mode");
  }

  @Test
  void aFailureIsTheAnswerForAll() {
    ImageLookups lookups =
        over(
            (reference, platform, mode, scope, progress) -> {
              asked.incrementAndGet();
              throw new BuildException(Code.NOT_FOUND, "no image 'x'");
            });
    for (int i = 0; i < 2; i++) {
      var e = assertThrows(BuildException.class, () -> find(lookups));
      assertEquals("no image 'x'", e.message());
    }
    assertEquals(1, asked.get());
  }

  @Test
  void aLookUpWhoseCallerWasInterruptedIsDoneByTheNext() throws Exception {
    var asking = new CountDownLatch(1);
    ImageLookups lookups =
        over(
            (reference, platform, mode, scope, progress) -> {
              if (asked.incrementAndGet() == 1) {
                asking.countDown();
                new CountDownLatch(1).await();
              }
              return FOUND;
            });
    var first = new FutureTask<>(() -> find(lookups));
    Thread thread = Thread.ofVirtual().start(first);
    asking.await();
    var second = new FutureTask<>(() -> find(lookups));
    Thread.ofVirtual().start(second);
    thread.interrupt();
    assertSame(FOUND, second.get(20, TimeUnit.SECONDS));
    thread.join();
    assertThrows(ExecutionException.class, first::get);
  }
}
