package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Those who connect and come for nothing have to go; those beside them notice nothing. */
@Timeout(60)
class ConnectionBoundsTest {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final HealthCheckRequest ASK = HealthCheckRequest.getDefaultInstance();

  @TempDir Path work;
  private final BoundedServer server =
      new BoundedServer(new HealthStatusManager().getHealthService().bindService());

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private HealthGrpc.HealthBlockingStub client(int port) {
    return HealthGrpc.newBlockingStub(server.channel(port));
  }

  private static ConnectivityState state(HealthGrpc.HealthBlockingStub client) {
    return ((ManagedChannel) client.getChannel()).getState(false);
  }

  private static void assertAnswered(HealthGrpc.HealthBlockingStub client) {
    var answer = client.withDeadlineAfter(20, TimeUnit.SECONDS).check(ASK);
    assertEquals(ServingStatus.SERVING, answer.getStatus());
  }

  /** It ends, though not at once, while another one is served. */
  private byte[] assertDropped(Socket socket, int more, HealthGrpc.HealthBlockingStub good)
      throws Exception {
    long begin = System.nanoTime();
    assertAnswered(good);
    byte[] heard = BoundedServer.heard(socket, more);
    assertTrue(System.nanoTime() - begin > BoundedServer.EARLY_NANOS, "it is given its time");
    assertAnswered(good);
    return heard;
  }

  private static byte[] prefaceAnd(int... more) {
    ByteBuffer all = ByteBuffer.allocate(PREFACE.length + more.length).put(PREFACE);
    for (int each : more) {
      all.put((byte) each);
    }
    return all.array();
  }

  @Test
  void whoNeverSaysAByteIsDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.greeting = BoundedServer.SHORT;
    int port = server.serve(bounds);
    assertDropped(server.connect(port, new byte[0]), -1, client(port));
  }

  @Test
  void whoSaysThePrefaceByteByByteIsDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.greeting = BoundedServer.SHORT;
    int port = server.serve(bounds);
    Socket slow = server.connect(port, new byte[] {PREFACE[0]});
    slow.setSoTimeout(100); // a few more of its bytes in the time that it has
    long begin = System.nanoTime();
    byte[] more = Arrays.copyOfRange(PREFACE, 1, 16);
    for (int i = 0; i < more.length && !ended(slow); i++) {
      BoundedServer.say(slow, more[i]);
    }
    assertTrue(System.nanoTime() - begin > BoundedServer.EARLY_NANOS, "it is given its time");
    assertTrue(ended(slow), "the connection goes on");
    assertAnswered(client(port));
  }

  /** Reads until nothing more comes for a while, or the end. */
  private static boolean ended(Socket socket) throws IOException {
    try {
      while (socket.getInputStream().read() >= 0) {
        // The server's settings.
      }
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (SocketException reset) {
      return true;
    }
  }

  @Test
  void whoNeverSaysAByteAtAUnixSocketIsDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.greeting = BoundedServer.SHORT;
    Path socket = work.resolve("d.sock");
    server.serve(bounds, ServerConfig.NONE, new ListenAddress.Unix(socket));
    try (var silent = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      silent.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer heard = ByteBuffer.allocate(1000);
      while (silent.read(heard) >= 0) {
        assertTrue(heard.hasRemaining(), "more than settings came");
      }
    }
  }

  @Test
  void whoGreetsAndMakesNoCallIsToldAndDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.firstCall = BoundedServer.SHORT;
    int port = server.serve(bounds);
    byte[] heard = assertDropped(server.connect(port, PREFACE), -1, client(port));
    assertTrue(types(heard).contains(7), () -> "GOAWAY is none of " + types(heard));
  }

  @Test
  void whoMadeACallMayRestForLong() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.firstCall = BoundedServer.SHORT;
    int port = server.serve(bounds);
    var client = client(port);
    assertAnswered(client);
    var never = new CompletableFuture<Void>();
    never.completeOnTimeout(null, BoundedServer.SHORT.toMillis() * 3, TimeUnit.MILLISECONDS).get();
    assertEquals(ConnectivityState.READY, state(client));
  }

  @Test
  void headersThatTrickleInAreDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.frame = BoundedServer.SHORT;
    int port = server.serve(bounds);
    // Type 1 on stream 1, of which the content comes byte by byte.
    assertDropped(server.connect(port, prefaceAnd(0, 0x10, 0, 1, 4, 0, 0, 0, 1)), 0, client(port));
  }

  @Test
  void headersThatNeverEndAreDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.frame = BoundedServer.SHORT;
    int port = server.serve(bounds);
    // One byte, and no flag that says that these are all headers.
    assertDropped(server.connect(port, prefaceAnd(0, 0, 1, 1, 0, 0, 0, 0, 1, 0)), -1, client(port));
  }

  @Test
  void whoDoesNotTellThatItLivesIsDropped() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.pulse = BoundedServer.SHORT;
    int port = server.serve(bounds);
    assertDropped(server.connect(port, PREFACE), -1, client(port));
  }

  @Test
  void aRequestThatNeverComesEndsItsCallAlone() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.request = Duration.ofSeconds(1);
    int port = server.serve(bounds);
    var good = client(port);
    assertAnswered(good);
    var end = new CompletableFuture<Status>();
    ClientCall<HealthCheckRequest, HealthCheckResponse> call =
        good.getChannel().newCall(HealthGrpc.getCheckMethod(), CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    Iterator<HealthCheckResponse> watching = good.watch(ASK);
    assertEquals(ServingStatus.SERVING, watching.next().getStatus());
    Status status = end.get(20, TimeUnit.SECONDS);
    assertEquals(Status.Code.DEADLINE_EXCEEDED, status.getCode());
    assertEquals(
        "grpc.health.v1.Health/Check: the request did not come within 1 s",
        status.getDescription());
    assertAnswered(good);
    assertEquals(ConnectivityState.READY, state(good));
  }

  /** The transport alone says "RST_STREAM closed stream", as when its user had cancelled it. */
  @Test
  void aCallThatIsOpenWhenTheDaemonStopsIsToldSo() {
    int port = server.serve(new BoundedServer.Bounds());
    Iterator<HealthCheckResponse> watching = client(port).watch(ASK);
    assertEquals(ServingStatus.SERVING, watching.next().getStatus());
    server.end();
    var end = assertThrows(StatusRuntimeException.class, watching::next);
    assertEquals(Status.Code.UNAVAILABLE, end.getStatus().getCode());
    assertEquals(
        "the daemon was told to stop, which ended the call: try again when it is back",
        end.getStatus().getDescription());
  }

  @Test
  void oneMoreThanThereMayBeTakesThePlaceOfTheOldestThatNeverCalled() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.connections = 3;
    int port = server.serve(bounds);
    var resting = client(port);
    assertAnswered(resting);
    Socket oldest = server.connect(port, PREFACE);
    assertEquals(0, oldest.getInputStream().read(), "settings");
    Socket younger = server.connect(port, PREFACE);
    assertEquals(0, younger.getInputStream().read(), "settings");
    assertAnswered(client(port));
    BoundedServer.heard(oldest, -1);
    younger.getOutputStream().write(new byte[] {0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
    String answer = new String(read(younger, 500), StandardCharsets.ISO_8859_1);
    assertTrue(answer.contains("\1\2\3\4\5\6\7\10"), "the younger one is answered its PING");
    assertEquals(ConnectivityState.READY, state(resting));
  }

  @Test
  void whereAllHaveCallsOneMoreIsRefused() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.connections = 1;
    int port = server.serve(bounds);
    var busy = client(port);
    Iterator<HealthCheckResponse> watching = busy.watch(ASK);
    assertEquals(ServingStatus.SERVING, watching.next().getStatus());
    var another = client(port).withDeadlineAfter(20, TimeUnit.SECONDS);
    var refused = assertThrows(StatusRuntimeException.class, () -> another.check(ASK));
    assertEquals(Status.Code.UNAVAILABLE, refused.getStatus().getCode());
    assertAnswered(busy);
  }

  @Test
  void oneThatRestsGivesItsPlaceAndIsServedAgainLater() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.connections = 1;
    int port = server.serve(bounds);
    var first = client(port);
    assertAnswered(first);
    assertAnswered(client(port));
    assertAnswered(first);
  }

  @Test
  void aConnectionIsToldHowManyCallsItMayHave() throws Exception {
    var bounds = new BoundedServer.Bounds();
    bounds.calls = 77;
    byte[] settings = read(server.connect(server.serve(bounds), PREFACE), 60);
    String all = new String(settings, StandardCharsets.ISO_8859_1);
    assertTrue(all.contains("\0\3\0\0\0M"), "MAX_CONCURRENT_STREAMS is 77");
  }

  private static byte[] read(Socket socket, int atMost) throws IOException {
    var heard = new ByteArrayOutputStream();
    int misses = 0;
    while (heard.size() < atMost && misses < 100) {
      try {
        int next = socket.getInputStream().read();
        if (next < 0) {
          break;
        }
        heard.write(next);
      } catch (SocketTimeoutException e) {
        misses = heard.size() == 0 ? misses + 1 : misses + 10;
      }
    }
    return heard.toByteArray();
  }

  /** Of frames. */
  private static List<Integer> types(byte[] heard) {
    var types = new ArrayList<Integer>();
    ByteBuffer bytes = ByteBuffer.wrap(heard);
    int at = 0;
    while (at + 9 <= heard.length) {
      types.add((int) heard[at + 3]);
      at += 9 + (bytes.getInt(at) >>> 8);
    }
    return types;
  }
}
