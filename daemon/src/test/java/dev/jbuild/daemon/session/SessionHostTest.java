package dev.jbuild.daemon.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.tunnel.ServingTunnel;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.session.FileSync;
import dev.jbuild.session.Session;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.GetSecretResponse;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.buildkit.v1.BytesMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions come, are found, and leave nothing behind, whatever their clients do. */
@Timeout(90)
class SessionHostTest {
  @TempDir private Path dir;

  private SessionFixture fixture;

  @BeforeEach
  void start() throws Exception {
    fixture = new SessionFixture(dir, "session-host");
  }

  @AfterEach
  void stop() {
    fixture.close();
  }

  /** A secret that tells whose it is. */
  private static final class NamedSecret extends SecretsGrpc.SecretsImplBase {
    private final String owner;

    NamedSecret(String owner) {
      this.owner = owner;
    }

    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
      ByteString data = ByteString.copyFromUtf8(owner + " " + request.getID());
      observer.onNext(GetSecretResponse.newBuilder().setData(data).build());
      observer.onCompleted();
    }
  }

  private ServingTunnel serve(ManagedChannel channel, String id) throws Exception {
    return fixture.serve(channel, id, new NamedSecret(id));
  }

  private static String secret(Session session, String id) {
    return new String(session.secrets().secret(id).orElseThrow().toArray(), StandardCharsets.UTF_8);
  }

  private static void eventually(String what, BooleanSupplier holds) {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!holds.getAsBoolean()) {
      assertTrue(System.nanoTime() < deadline, what);
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
    }
  }

  @Test
  void sessionIsWaitedFor() throws Exception {
    var waiting = Executors.newVirtualThreadPerTaskExecutor();
    try (waiting) {
      Session early = fixture.registry.find("late");
      Future<String> answer = waiting.submit(() -> secret(early, "x"));
      ServingTunnel client = serve(fixture.connect(), "late");
      try (client) {
        assertEquals("late x", answer.get(20, TimeUnit.SECONDS));
      }
    }
  }

  @Test
  void prefixBeforeTheIdIsNotPartOfIt() throws Exception {
    ServingTunnel client = serve(fixture.connect(), "mine");
    try (client) {
      assertEquals("mine x", secret(fixture.registry.find("node0:mine"), "x"));
    }
  }

  @Test
  void cancelledWaitEndsAtOnce() throws Exception {
    var failures = new ArrayList<BuildException>();
    var waiter =
        Thread.ofVirtual()
            .start(
                () ->
                    failures.add(
                        assertThrows(BuildException.class, () -> fixture.registry.await("never"))));
    waiter.interrupt();
    assertTrue(waiter.join(Duration.ofSeconds(4)), "it ends before its time is over");
    assertEquals("waiting for session 'never' was cancelled", failures.getFirst().message());
    assertEquals(Code.CANCELLED, failures.getFirst().code());
  }

  @Test
  void closedHostEndsItsSessions() throws Exception {
    ServingTunnel client = serve(fixture.connect(), "left");
    try (client) {
      Session session = fixture.registry.find("left");
      assertEquals("left x", secret(session, "x"));
      fixture.closeHost();
      eventually("the client is told", client::over);
      assertThrows(BuildException.class, () -> secret(session, "x"));
    }
  }

  @Test
  void endedSessionIsGoneAndItsIdIsFree() throws Exception {
    ServingTunnel first = serve(fixture.connect(), "again");
    try (first) {
      assertEquals("again x", secret(fixture.registry.find("again"), "x"));
    }
    eventually("its watcher ends", () -> fixture.hostThreads.get() == 0);
    ServingTunnel client = serve(fixture.connect(), "again");
    try (client) {
      eventually(
          "the second one is there",
          () -> !(fixture.registry.await("again") instanceof EndedSession));
      assertEquals("again x", secret(fixture.registry.find("again"), "x"));
    }
    eventually("nothing is left", () -> fixture.hostThreads.get() == 0);
  }

  @Test
  void whatIsWantedOfAnEndedSessionFailsAtOnce() throws Exception {
    Session session = fixture.registry.find("gone");
    ServingTunnel client = serve(fixture.connect(), "gone");
    try (client) {
      assertEquals("gone x", secret(session, "x"));
    }
    eventually("its watcher ends", () -> fixture.hostThreads.get() == 0);
    long begin = System.nanoTime();
    var failure = assertThrows(BuildException.class, () -> secret(session, "x"));
    assertEquals("secret 'x': the client's session has ended", failure.message());
    assertEquals(Code.UNAVAILABLE, failure.code());
    var filter = new FileSync.Filter(List.of(), List.of(), List.of());
    assertEquals(
        "the client's directory 'context': the client's session has ended",
        assertThrows(BuildException.class, () -> session.files().open("context", filter))
            .message());
    assertEquals(
        "credentials for 'docker.io': the client's session has ended",
        assertThrows(BuildException.class, () -> session.credentials().forHost("docker.io"))
            .message());
    assertEquals(
        "an output to the client: the client's session has ended",
        assertThrows(BuildException.class, session::outputs).message());
    assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(4), "nothing is waited for");
  }

  /** What a client's own stream is told. */
  private static final class Ending implements StreamObserver<BytesMessage> {
    final CountDownLatch ended = new CountDownLatch(1);
    volatile Optional<Throwable> failure = Optional.empty();

    @Override
    public void onNext(BytesMessage message) {}

    @Override
    public void onError(Throwable cause) {
      failure = Optional.of(cause);
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      ended.countDown();
    }
  }

  private StreamObserver<BytesMessage> raw(Metadata headers, Ending ending) {
    return fixture.calls(fixture.connect(), headers).session(ending);
  }

  private static Metadata named(String id) {
    return new SessionHeaders(id, "", Set.of("/moby.buildkit.secrets.v1.secrets/getsecret"))
        .write();
  }

  @Test
  void secondClientOfAnIdIsTurnedAwayAlone() throws Exception {
    ServingTunnel client = serve(fixture.connect(), "taken");
    try (client) {
      assertEquals("taken x", secret(fixture.registry.find("taken"), "x"));
      var ending = new Ending();
      assertNotNull(raw(named("taken"), ending));
      assertTrue(ending.ended.await(20, TimeUnit.SECONDS), "it is told");
      assertTrue(ending.failure.isPresent(), "as a failure");
      assertEquals("taken y", secret(fixture.registry.find("taken"), "y"));
    }
    eventually("nothing is left", () -> fixture.hostThreads.get() == 0);
  }

  @Test
  void sessionWithoutAnIdIsTurnedAway() throws Exception {
    var ending = new Ending();
    assertNotNull(raw(new Metadata(), ending));
    assertTrue(ending.ended.await(20, TimeUnit.SECONDS), "it is told");
    assertTrue(ending.failure.isPresent(), "as a failure");
    assertEquals(0, fixture.hostThreads.get());
  }

  @Test
  void garbageEndsThatSessionAlone() throws Exception {
    ServingTunnel client = serve(fixture.connect(), "good");
    try (client) {
      for (int seed = 0; seed < 20; seed++) {
        var random = new Random(seed);
        var data = new byte[100 + random.nextInt(5000)];
        random.nextBytes(data);
        var ending = new Ending();
        StreamObserver<BytesMessage> stream = raw(named("bad" + seed), ending);
        stream.onNext(BytesMessage.newBuilder().setData(ByteString.copyFrom(data)).build());
        assertTrue(ending.ended.await(20, TimeUnit.SECONDS), "it ends, seed " + seed);
      }
      assertEquals("good x", secret(fixture.registry.find("good"), "x"));
    }
    eventually("nothing is left", () -> fixture.hostThreads.get() == 0);
  }

  @Test
  void callToSilentClientEndsWithItsTunnel() throws Exception {
    var ending = new Ending();
    StreamObserver<BytesMessage> stream = raw(named("silent"), ending);
    Session silent = fixture.registry.find("silent");
    var callers = Executors.newVirtualThreadPerTaskExecutor();
    try (callers) {
      Callable<BuildException> call =
          () -> assertThrows(BuildException.class, () -> silent.secrets().secret("x"));
      Future<BuildException> failed = callers.submit(call);
      eventually("the session is there", () -> fixture.hostThreads.get() > 0);
      stream.onError(new IllegalStateException("killed"));
      assertEquals(
          "secret 'x': the client's session has ended", failed.get(20, TimeUnit.SECONDS).message());
    }
    eventually("nothing is left", () -> fixture.hostThreads.get() == 0);
  }

  @Test
  void fiftyClientsOfWhichSomeAreKilledDoNotDisturbEachOther() throws Exception {
    long seed = 20261121;
    var random = new Random(seed);
    var callers = Executors.newVirtualThreadPerTaskExecutor();
    try (callers) {
      List<Future<Boolean>> clients = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        boolean killed = random.nextInt(3) == 0;
        String id = "client" + i;
        ManagedChannel channel = fixture.connect();
        clients.add(callers.submit(() -> client(id, channel, killed)));
      }
      for (Future<Boolean> client : clients) {
        assertTrue(client.get(60, TimeUnit.SECONDS), "seed " + seed);
      }
    }
    eventually("threads left: " + fixture.hostThreads.get(), () -> fixture.hostThreads.get() == 0);
  }

  /** Asks a client often; one that is killed may fail, but only so, and not with another's data. */
  private boolean client(String id, ManagedChannel channel, boolean killed) throws Exception {
    ServingTunnel tunnel = serve(channel, id);
    try (tunnel) {
      Session session = fixture.registry.find(id);
      for (int call = 0; call < 40; call++) {
        if (killed && call == 20) {
          channel.shutdownNow();
        }
        try {
          assertEquals(id + " " + call, secret(session, "" + call));
        } catch (BuildException | NoSuchElementException e) {
          return killed && call >= 20;
        }
      }
      return !killed;
    }
  }
}
