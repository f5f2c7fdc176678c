package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.session.Session;
import io.grpc.Status;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import moby.buildkit.v1.BytesMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients whose connection stays, and who say nothing. */
@Timeout(60)
class HalfOpenTunnelTest {
  private static final SessionHost.Pulse QUICK =
      new SessionHost.Pulse(Duration.ofMillis(100), Duration.ofMillis(400));

  /** Two pauses, an answer, and one of half as long again, with room for a busy machine. */
  private static final long BOUND_SECONDS = 10;

  /** HTTP/2 as its server begins it: no settings, and the client's acknowledged. */
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0};

  @TempDir private Path dir;
  private SessionFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new SessionFixture(dir, "half-open", QUICK);
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  private void assertDropped(byte[] said) throws Exception {
    var end = new CompletableFuture<BytesMessage>();
    var headers =
        new SessionHeaders("half", "", Set.of("/moby.buildkit.secrets.v1.Secrets/GetSecret"));
    StreamObserver<BytesMessage> stream =
        fixture
            .calls(fixture.connect(), headers.write())
            .session(
                new StreamObserver<>() {
                  @Override
                  public void onNext(BytesMessage message) {}

                  @Override
                  public void onError(Throwable cause) {
                    end.completeExceptionally(cause);
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(BytesMessage.getDefaultInstance());
                  }
                });
    stream.onNext(BytesMessage.newBuilder().setData(ByteString.copyFrom(said)).build());
    Session session = fixture.registry.find("half");
    var builds = Executors.newVirtualThreadPerTaskExecutor();
    try (builds) {
      var build =
          builds.submit(
              () -> assertThrows(BuildException.class, () -> session.secrets().secret("x")));
      var told =
          assertThrows(ExecutionException.class, () -> end.get(BOUND_SECONDS, TimeUnit.SECONDS));
      assertEquals(
          "session: the client did not answer 2 health checks",
          Status.fromThrowable(told).getDescription());
      assertEquals(
          "secret 'x': the client's session has ended",
          build.get(BOUND_SECONDS, TimeUnit.SECONDS).message());
    }
    long last = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (fixture.hostThreads.get() > 0 && System.nanoTime() < last) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
    assertEquals(0, fixture.hostThreads.get(), "threads that are left");
    assertTrue(fixture.registry.await("half") instanceof EndedSession, "its session is gone");
  }

  @Test
  void whoNeverSaysAByteIsDroppedAndTold() throws Exception {
    assertDropped(new byte[0]);
  }

  @Test
  void whoFallsSilentAfterTheHandshakeIsDroppedAndTold() throws Exception {
    assertDropped(SETTINGS);
  }

  @Test
  void whoAnswersStays() throws Exception {
    var client =
        fixture.serve(fixture.connect(), "alive", new HealthStatusManager().getHealthService());
    try (client) {
      var never = new CompletableFuture<Void>();
      never.completeOnTimeout(null, 2, TimeUnit.SECONDS).get(); // three times what others have
      assertEquals("alive", fixture.registry.await("alive").id());
      assertTrue(fixture.registry.await("alive") instanceof RemoteSession, "it is there");
    }
  }
}
