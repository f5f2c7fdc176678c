package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.api.FakeContents;
import dev.jbuild.daemon.build.ToyEngine;
import dev.jbuild.daemon.config.Program;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Pattern;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.InfoRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class JbuilddTest {
  private static final Pattern PORT = Pattern.compile("tcp://127.0.0.1:([0-9]+)");

  @TempDir Path root;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final AtomicInteger collections = new AtomicInteger();
  private final AtomicInteger engineCloses = new AtomicInteger();
  private final List<Thread> daemons = new ArrayList<>();
  private final List<Jbuildd> programs = new ArrayList<>();

  private Wiring.Engine engine() {
    return new Wiring.Engine(
        new ToyEngine().parts(),
        (call, output) -> {
          throw new IllegalStateException("nothing is run");
        },
        List::of,
        directories -> {
          throw new IllegalStateException("nobody asks");
        },
        new FakeContents(),
        collections::incrementAndGet,
        engineCloses::incrementAndGet);
  }

  private Jbuildd serve(String... args) throws InterruptedException {
    var out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    var program = new Jbuildd(Program.JBUILDD, config -> engine(), out);
    programs.add(program);
    daemons.add(Thread.ofPlatform().start(() -> program.runToEnd(args)));
    int lines = args.length / 2 - 1;
    await(() -> printed.toString(StandardCharsets.UTF_8).lines().count() >= lines);
    return program;
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(Condition condition) {
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < deadline, "the condition did not come true in time");
      Thread.onSpinWait();
    }
  }

  @AfterEach
  void stop() throws InterruptedException {
    programs.forEach(Jbuildd::stop);
    for (Thread daemon : daemons) {
      assertTrue(daemon.join(Duration.ofSeconds(20)));
    }
  }

  private static <T> T call(SocketAddress address, Function<Channel, T> use)
      throws InterruptedException {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    boolean unix = address instanceof UnixDomainSocketAddress;
    var builder =
        NettyChannelBuilder.forAddress(address)
            .overrideAuthority("localhost")
            .usePlaintext()
            .channelType(unix ? NioDomainSocketChannel.class : NioSocketChannel.class)
            .eventLoopGroup(loop);
    if (unix) {
      builder.withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    ManagedChannel channel = builder.build();
    try {
      return use.apply(channel);
    } finally {
      channel.shutdownNow();
      assertTrue(channel.awaitTermination(10, TimeUnit.SECONDS));
      loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS).await();
    }
  }

  private static String version(Channel channel) {
    return ControlGrpc.newBlockingStub(channel)
        .info(InfoRequest.getDefaultInstance())
        .getBuildkitVersion()
        .getPackage();
  }

  @Test
  void severalAddressesAnswer() throws Exception {
    Path socket = root.resolve("d.sock");
    serve(
        "--root",
        root.toString(),
        "--addr",
        "unix://" + socket,
        "--addr",
        "tcp://127.0.0.1:0",
        "--tcp-without-tls");
    assertEquals("dev.jbuild", call(UnixDomainSocketAddress.of(socket), JbuilddTest::version));
    var port = PORT.matcher(printed.toString(StandardCharsets.UTF_8));
    assertTrue(port.find());
    var tcp =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port.group(1)));
    assertEquals("dev.jbuild", call(tcp, JbuilddTest::version));
  }

  @Test
  void whoSeesTheSocketFindsAllTheRestServed() throws Exception {
    Path socket = root.resolve("d.sock");
    serve(
        "--root=" + root,
        "--addr=unix://" + socket,
        "--addr=tcp://127.0.0.1:0",
        "--tcp-without-tls",
        "--debugaddr=127.0.0.1:0",
        "--debug",
        "--oci-worker=true",
        "--oci-worker-gc");
    assertEquals(
        List.of("tells its health and metrics at tcp", "listens at tcp", "listens at unix"),
        printed
            .toString(StandardCharsets.UTF_8)
            .lines()
            .map(line -> line.replaceAll("^\\S+ \\S+ |://.*", ""))
            .toList());
  }

  @Test
  void theSocketIsItsOwnersAndGoneAfterTheEnd() throws Exception {
    Path socket = root.resolve("d.sock");
    var daemon = serve("--root", root.toString(), "--addr", "unix://" + socket);
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    long before = System.nanoTime();
    daemon.stop();
    assertTrue(System.nanoTime() - before < Duration.ofSeconds(5).toNanos());
    try (var left = Files.list(root)) {
      assertEquals(List.of("jbuild.lock"), left.map(p -> p.getFileName().toString()).toList());
    }
    assertEquals(1, engineCloses.get());
  }

  @Test
  void aLeftOverSocketIsReplaced() throws Exception {
    Path socket = root.resolve("d.sock");
    Files.createFile(socket);
    serve("--root", root.toString(), "--addr", "unix://" + socket);
    assertEquals("dev.jbuild", call(UnixDomainSocketAddress.of(socket), JbuilddTest::version));
  }

  @Test
  void aSecondDaemonLearnsWhoIsThere() throws Exception {
    String address = "unix://" + root.resolve("d.sock");
    serve("--root", root.toString(), "--addr", address);
    var e =
        assertThrows(BuildException.class, () -> StateLock.forDaemon(root, "unix:///other.sock"));
    assertEquals(
        "state directory '"
            + root
            + "' is in use by the daemon of process "
            + ProcessHandle.current().pid()
            + " at "
            + address
            + "; choose another with --root",
        e.message());
    var embedded =
        assertThrows(
            BuildException.class,
            () -> StateLock.inProcess(root, Duration.ofSeconds(1), notice -> {}));
    assertEquals(Code.UNAVAILABLE, embedded.code());
    assertTrue(embedded.message().contains("build through it with --addr " + address));
  }

  @Test
  void buildsInProcessesWaitForEachOther() throws Exception {
    var notices = new ArrayList<String>();
    StateLock first = StateLock.inProcess(root, Duration.ZERO, notices::add);
    var e =
        assertThrows(
            BuildException.class,
            () -> StateLock.inProcess(root, Duration.ofMillis(150), notices::add));
    assertEquals(
        "state directory '"
            + root
            + "' was in use by a build of process "
            + ProcessHandle.current().pid()
            + " for 0 s; choose another with --root",
        e.message());
    first.close();
    assertEquals(1, notices.size());
    StateLock.inProcess(root, Duration.ZERO, notices::add).close();
  }
}
