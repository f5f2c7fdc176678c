package dev.jbuild.daemon.session.tunnel;

import static dev.jbuild.daemon.session.tunnel.TunnelDaemon.check;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.BytesMessage;
import moby.buildkit.v1.ControlGrpc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that write their own bytes into a tunnel. */
@Timeout(60)
class RawTunnelTest {
  /** HTTP/2 settings, none of them: they are acknowledged. */
  private static final byte[] SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private TunnelDaemon daemon;

  @BeforeEach
  void start() throws Exception {
    daemon = new TunnelDaemon(false);
  }

  @AfterEach
  void stop() {
    daemon.close();
  }

  /** A client, and what it hears. */
  private static final class RawClient implements StreamObserver<BytesMessage> {
    private final BlockingQueue<ByteString> heard = new LinkedBlockingQueue<>();
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private final StreamObserver<BytesMessage> stream;

    RawClient(TunnelDaemon daemon) {
      stream = ControlGrpc.newStub(daemon.channel).session(this);
    }

    void say(byte[] bytes) {
      stream.onNext(BytesMessage.newBuilder().setData(ByteString.copyFrom(bytes)).build());
    }

    /** Fails with the stream. */
    void awaitEnd() throws Exception {
      end.get(20, TimeUnit.SECONDS);
    }

    @Override
    public void onNext(BytesMessage message) {
      heard.add(message.getData());
    }

    @Override
    public void onError(Throwable cause) {
      end.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }

  @Test
  void otherBytesThanHttp2EndThatTunnelAlone() throws Exception {
    ServingTunnel client = daemon.serve();
    try (client) {
      CallingTunnel good = daemon.next();
      var raw = new RawClient(daemon);
      CallingTunnel bad = daemon.next();
      raw.say("HTTP/1.1 200 OK\r\n\r\n hello hello hello hello".getBytes(StandardCharsets.UTF_8));
      raw.end.exceptionally(cause -> null).get(20, TimeUnit.SECONDS);
      bad.ended().get(20, TimeUnit.SECONDS);
      assertThrows(StatusRuntimeException.class, () -> check(bad));
      assertEquals(ServingStatus.SERVING, check(good));
    }
  }

  @Test
  void emptyMessagesMeanNothing() throws Exception {
    var raw = new RawClient(daemon);
    CallingTunnel tunnel = daemon.next();
    for (int i = 0; i < 100; i++) {
      raw.say(new byte[0]);
    }
    raw.stream.onCompleted();
    raw.awaitEnd();
    tunnel.ended().get(20, TimeUnit.SECONDS);
  }

  @Test
  void halfClosedStreamEndsWithoutError() throws Exception {
    var raw = new RawClient(daemon);
    raw.stream.onCompleted();
    raw.awaitEnd();
  }

  /** What BuildKit's clients hear while they close has them wait a second. */
  @Test
  void nothingIsSaidToWhomNobodyCalls() throws Exception {
    var raw = new RawClient(daemon);
    raw.say(SETTINGS);
    raw.stream.onCompleted();
    raw.awaitEnd();
    assertEquals(List.of(), List.copyOf(raw.heard));
  }

  /** Go's servers take a client that does not greet in ten seconds for broken. */
  @Test
  void clientThatNobodyCallsIsGreetedInTheEnd() throws Exception {
    var raw = new RawClient(daemon);
    ByteString greeting = raw.heard.poll(9, TimeUnit.SECONDS);
    assertTrue(greeting != null, "a greeting comes");
    assertTrue(greeting.startsWith(ByteString.copyFromUtf8("PRI * HTTP/2.0")));
    raw.stream.onCompleted();
  }

  @Test
  void brokenStreamFailsTheCallsThatGoOn() throws Exception {
    var raw = new RawClient(daemon);
    CallingTunnel tunnel = daemon.next();
    var call = CompletableFuture.runAsync(() -> check(tunnel), daemon.threads);
    raw.stream.onError(new IllegalStateException("gone"));
    var failed = assertThrows(Exception.class, () -> call.get(15, TimeUnit.SECONDS));
    assertEquals(Status.Code.UNAVAILABLE, Status.fromThrowable(failed.getCause()).getCode());
    tunnel.ended().get(20, TimeUnit.SECONDS);
  }
}
