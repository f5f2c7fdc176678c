package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.ServerConfig;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.daemon.transport.ConnectionBounds;
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
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
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
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Those who connect and come for nothing have to go; those beside them notice nothing. */
@Timeout(60)
class ConnectionBoundsTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(400);

  /** No bound is met before its time. */
  private static final long EARLY_NANOS = SHORT.dividedBy(2).toNanos();

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0".getBytes(StandardCharsets.US_ASCII);

  private static final HealthCheckRequest ASK = HealthCheckRequest.getDefaultInstance();

  @TempDir Path work;
  private final ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Socket> sockets = new ArrayList<>();
  private final TunnelLoops loops = new TunnelLoops(2);
  private @Nullable GrpcServer server;

  @AfterEach
  void close() throws Exception {
    channels.forEach(ManagedChannel::shutdownNow);
    for (Socket socket : sockets) {
      socket.close();
    }
    if (server != null) {
      server.close();
    }
    loops.close();
    handlers.shutdownNow();
    loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
  }

  /** Of which a test makes one short. */
  private static final class Bounds {
    Duration greeting = LONG;
    Duration firstCall = LONG;
    Duration frame = LONG;
    Duration request = LONG;
    Duration pulse = LONG;
    int connections = 100;
    int calls = 100;
    int resets = 100;

    ConnectionBounds all() {
      return new ConnectionBounds(
          greeting, firstCall, frame, request, pulse, SHORT, connections, calls, resets, 1 << 20);
    }
  }

  private ListenAddress serve(Bounds bounds, ServerConfig config, ListenAddress at) {
    var health = new HealthStatusManager();
    server =
        new GrpcServer(
            List.of(health.getHealthService().bindService()),
            config,
            ClientLimits.of(List.of()),
            bounds.all(),
            loops,
            handlers);
    return server.listen(at);
  }

  private int serve(Bounds bounds, ServerConfig config) {
    var at = serve(bounds, config, new ListenAddress.Tcp("127.0.0.1", 0));
    return ((ListenAddress.Tcp) at).port();
  }

  private int serve(Bounds bounds) {
    return serve(bounds, ServerConfig.NONE);
  }

  private HealthGrpc.HealthBlockingStub client(int port) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .channelType(NioSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .build();
    channels.add(channel);
    return HealthGrpc.newBlockingStub(channel);
  }

  private static void assertAnswered(HealthGrpc.HealthBlockingStub client) {
    var answer = client.withDeadlineAfter(20, TimeUnit.SECONDS).check(ASK);
    assertEquals(ServingStatus.SERVING, answer.getStatus());
  }

  private Socket connect(int port, byte[] said) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    sockets.add(socket);
    socket.setSoTimeout(20);
    socket.getOutputStream().write(said);
    return socket;
  }

  /** What comes until the end; with each look one more byte is said. */
  private static byte[] heard(Socket socket, int more) throws IOException {
    var heard = new ByteArrayOutputStream();
    while (true) {
      try {
        int next = socket.getInputStream().read();
        if (next < 0) {
          return heard.toByteArray();
        }
        heard.write(next);
      } catch (SocketTimeoutException e) {
        if (more >= 0) {
          say(socket, more);
        }
      } catch (SocketException reset) {
        return heard.toByteArray();
      }
    }
  }

  private static void say(Socket socket, int more) {
    try {
      socket.getOutputStream().write(more);
    } catch (IOException e) {
      // It is closed, which the next read sees.
    }
  }

  /** It ends, though not at once, while another one is served. */
  private byte[] assertDropped(Socket socket, int more, HealthGrpc.HealthBlockingStub good)
      throws Exception {
    long begin = System.nanoTime();
    assertAnswered(good);
    byte[] heard = heard(socket, more);
    assertTrue(System.nanoTime() - begin > EARLY_NANOS, "it is given its time");
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
    var bounds = new Bounds();
    bounds.greeting = SHORT;
    int port = serve(bounds);
    assertDropped(connect(port, new byte[0]), -1, client(port));
  }

  @Test
  void whoSaysThePrefaceByteByByteIsDropped() throws Exception {
    var bounds = new Bounds();
    bounds.greeting = SHORT;
    int port = serve(bounds);
    Socket slow = connect(port, new byte[] {PREFACE[0]});
    slow.setSoTimeout(100); // a few more of its bytes in the time that it has
    long begin = System.nanoTime();
    byte[] more = Arrays.copyOfRange(PREFACE, 1, 16);
    for (int i = 0; i < more.length && !ended(slow); i++) {
      say(slow, more[i]);
    }
    assertTrue(System.nanoTime() - begin > EARLY_NANOS, "it is given its time");
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
    var bounds = new Bounds();
    bounds.greeting = SHORT;
    Path socket = work.resolve("d.sock");
    serve(bounds, ServerConfig.NONE, new ListenAddress.Unix(socket));
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
    var bounds = new Bounds();
    bounds.firstCall = SHORT;
    int port = serve(bounds);
    byte[] heard = assertDropped(connect(port, PREFACE), -1, client(port));
    assertTrue(types(heard).contains(7), () -> "GOAWAY is none of " + types(heard));
  }

  @Test
  void whoMadeACallMayRestForLong() throws Exception {
    var bounds = new Bounds();
    bounds.firstCall = SHORT;
    int port = serve(bounds);
    var client = client(port);
    assertAnswered(client);
    var never = new CompletableFuture<Void>();
    never.completeOnTimeout(null, SHORT.toMillis() * 3, TimeUnit.MILLISECONDS).get();
    assertEquals(ConnectivityState.READY, channels.get(0).getState(false));
  }

  @Test
  void headersThatTrickleInAreDropped() throws Exception {
    var bounds = new Bounds();
    bounds.frame = SHORT;
    int port = serve(bounds);
    // Type 1 on stream 1, of which the content comes byte by byte.
    assertDropped(connect(port, prefaceAnd(0, 0x10, 0, 1, 4, 0, 0, 0, 1)), 0, client(port));
  }

  @Test
  void headersThatNeverEndAreDropped() throws Exception {
    var bounds = new Bounds();
    bounds.frame = SHORT;
    int port = serve(bounds);
    // One byte, and no flag that says that these are all headers.
    assertDropped(connect(port, prefaceAnd(0, 0, 1, 1, 0, 0, 0, 0, 1, 0)), -1, client(port));
  }

  @Test
  void whoDoesNotTellThatItLivesIsDropped() throws Exception {
    var bounds = new Bounds();
    bounds.pulse = SHORT;
    int port = serve(bounds);
    assertDropped(connect(port, PREFACE), -1, client(port));
  }

  @Test
  void aRequestThatNeverComesEndsItsCallAlone() throws Exception {
    var bounds = new Bounds();
    bounds.request = Duration.ofSeconds(1);
    int port = serve(bounds);
    var good = client(port);
    assertAnswered(good);
    var end = new CompletableFuture<Status>();
    ClientCall<HealthCheckRequest, HealthCheckResponse> call =
        channels.get(0).newCall(HealthGrpc.getCheckMethod(), CallOptions.DEFAULT);
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
    assertEquals(ConnectivityState.READY, channels.get(0).getState(false));
  }

  /** The transport alone says "RST_STREAM closed stream", as when its user had cancelled it. */
  @Test
  void aCallThatIsOpenWhenTheDaemonStopsIsToldSo() {
    int port = serve(new Bounds());
    Iterator<HealthCheckResponse> watching = client(port).watch(ASK);
    assertEquals(ServingStatus.SERVING, watching.next().getStatus());
    Objects.requireNonNull(server).close();
    var end = assertThrows(StatusRuntimeException.class, watching::next);
    assertEquals(Status.Code.UNAVAILABLE, end.getStatus().getCode());
    assertEquals(
        "the daemon was told to stop, which ended the call: try again when it is back",
        end.getStatus().getDescription());
  }

  @Test
  void oneMoreThanThereMayBeTakesThePlaceOfTheOldestThatNeverCalled() throws Exception {
    var bounds = new Bounds();
    bounds.connections = 3;
    int port = serve(bounds);
    var resting = client(port);
    assertAnswered(resting);
    Socket oldest = connect(port, PREFACE);
    assertEquals(0, oldest.getInputStream().read(), "settings");
    Socket younger = connect(port, PREFACE);
    assertEquals(0, younger.getInputStream().read(), "settings");
    assertAnswered(client(port));
    heard(oldest, -1);
    younger.getOutputStream().write(new byte[] {0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
    String answer = new String(read(younger, 500), StandardCharsets.ISO_8859_1);
    assertTrue(answer.contains("\1\2\3\4\5\6\7\10"), "the younger one is answered its PING");
    assertEquals(ConnectivityState.READY, channels.get(0).getState(false));
  }

  @Test
  void whereAllHaveCallsOneMoreIsRefused() throws Exception {
    var bounds = new Bounds();
    bounds.connections = 1;
    int port = serve(bounds);
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
    var bounds = new Bounds();
    bounds.connections = 1;
    int port = serve(bounds);
    var first = client(port);
    assertAnswered(first);
    assertAnswered(client(port));
    assertAnswered(first);
  }

  @Test
  void aConnectionIsToldHowManyCallsItMayHave() throws Exception {
    var bounds = new Bounds();
    bounds.calls = 77;
    byte[] settings = read(connect(serve(bounds), PREFACE), 60);
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

  private ServerConfig tls() throws Exception {
    var certificates = Certificates.in(work);
    var own = certificates.signed("server", "DNS:localhost,IP:127.0.0.1", Certificates.CURVE_KEY);
    return new ServerConfig(
        List.of(),
        ServerConfig.SocketOwner.DAEMON,
        new ServerConfig.TlsFiles(own.cert(), own.key(), certificates.authority()),
        null);
  }

  /** Lines of the daemon's log that are about connections. */
  private static final class Lines extends Handler implements AutoCloseable {
    final List<String> all = new CopyOnWriteArrayList<>();
    private final Logger logger = Logger.getLogger("dev.jbuild.daemon.transport");

    Lines() {
      logger.addHandler(this);
    }

    @Override
    public void publish(LogRecord record) {
      all.add(record.getMessage());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
      logger.removeHandler(this);
    }
  }

  @Test
  void whoDoesNotFinishTlsIsDropped() throws Exception {
    var bounds = new Bounds();
    bounds.greeting = SHORT.multipliedBy(2);
    int port = serve(bounds, tls());
    // A handshake record of 256 bytes, of which five come.
    Socket half = connect(port, new byte[] {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3});
    Socket silent = connect(port, new byte[0]);
    long begin = System.nanoTime();
    heard(half, -1);
    heard(silent, -1);
    assertTrue(System.nanoTime() - begin > EARLY_NANOS, "they are given their time");
  }

  @Test
  void whoLooksWhetherSomebodyListensIsNotInTheLog() throws Exception {
    int port = serve(new Bounds(), tls());
    try (var lines = new Lines()) {
      for (int i = 0; i < 50; i++) {
        connect(port, new byte[0]).close();
      }
      // Another one, that is worth a line: those before it have been seen by then.
      heard(connect(port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)), -1);
      awaitLines(lines, 1);
      assertEquals(1, lines.all.size(), lines.all::toString);
    }
  }

  @Test
  void manyWhoBreakTlsGetFewLines() throws Exception {
    int port = serve(new Bounds(), tls());
    try (var lines = new Lines()) {
      for (int i = 0; i < 60; i++) {
        heard(
            connect(port, "GET / HTTP/1.1\r\n".repeat(50).getBytes(StandardCharsets.US_ASCII)), -1);
      }
      awaitLines(lines, 10);
      assertEquals(10, lines.all.size(), lines.all::toString);
      for (String line : lines.all) {
        assertTrue(line.length() < 300, line);
      }
    }
  }

  private static void awaitLines(Lines lines, int count) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (lines.all.size() < count && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
  }
}
