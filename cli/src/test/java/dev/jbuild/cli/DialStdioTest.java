package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DialStdioTest {
  @TempDir Path work;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private ServerSocketChannel server;
  private String address;

  @BeforeEach
  void listen() throws Exception {
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(work.resolve("d.sock")));
    address = "unix://" + work.resolve("d.sock");
  }

  @AfterEach
  void close() throws Exception {
    server.close();
  }

  private CompletableFuture<Integer> dial(InputStream in, Map<String, String> env, String... args) {
    var never =
        new Cancellation() {
          @Override
          public Registration onCancel(Runnable action) {
            return () -> {};
          }

          @Override
          public boolean cancelled() {
            return false;
          }
        };
    var context =
        new CliContext(
            in,
            new PrintStream(out, false, StandardCharsets.UTF_8),
            new PrintStream(err, false, StandardCharsets.UTF_8),
            env,
            work,
            new ProcessTerminal(Map.of()),
            Clock.systemUTC(),
            never,
            new FakeEngine());
    return CompletableFuture.supplyAsync(() -> new CommandLineInterface(context).run(args));
  }

  private static String readToEnd(SocketChannel connection) throws Exception {
    var bytes = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    while (connection.read(buffer) >= 0) {
      bytes.write(buffer.array(), 0, buffer.position());
      buffer.clear();
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  @Test
  void theEndOfTheInputIsPassedOnAndTheAnswerStillCame() throws Exception {
    var in = new ByteArrayInputStream("hello".getBytes(StandardCharsets.UTF_8));
    var ended = dial(in, Map.of(), "dial-stdio", "--addr", address);
    try (SocketChannel connection = server.accept()) {
      assertEquals("hello", readToEnd(connection));
      connection.write(ByteBuffer.wrap("late answer".getBytes(StandardCharsets.UTF_8)));
    }
    assertEquals(0, ended.get(10, TimeUnit.SECONDS));
    assertEquals("late answer", out.toString(StandardCharsets.UTF_8));
  }

  @Test
  void theEndOfTheConnectionEndsItWhileTheInputIsOpen() throws Exception {
    try (var writer = new PipedOutputStream();
        var in = new PipedInputStream(writer)) {
      var ended = dial(in, Map.of("BUILDKIT_HOST", address), "dial-stdio");
      try (SocketChannel connection = server.accept()) {
        connection.write(ByteBuffer.wrap("bye".getBytes(StandardCharsets.UTF_8)));
      }
      assertEquals(0, ended.get(10, TimeUnit.SECONDS));
      assertEquals("bye", out.toString(StandardCharsets.UTF_8));
    }
  }

  @Test
  void anAddressWithoutDaemonIsNamed() throws Exception {
    String nobody = "unix://" + work.resolve("none.sock");
    var ended = dial(InputStream.nullInputStream(), Map.of(), "--addr=" + nobody, "dial-stdio");
    assertEquals(ExitCode.UNAVAILABLE, dialled(ended, nobody));
  }

  private int dialled(CompletableFuture<Integer> ended, String nobody) throws Exception {
    int code = ended.get(10, TimeUnit.SECONDS);
    assertEquals(
        "error: the daemon at '" + nobody + "' does not answer: No such file or directory\n",
        err.toString(StandardCharsets.UTF_8));
    return code;
  }

  @Test
  void anAddressOfAnotherKindIsNamedWithItsOrigin() throws Exception {
    var env = Map.of("BUILDKIT_HOST", "docker-container://x");
    assertEquals(
        ExitCode.USAGE,
        dial(InputStream.nullInputStream(), env, "dial-stdio").get(10, TimeUnit.SECONDS));
    assertEquals(
        """
        error: $BUILDKIT_HOST: want unix://PATH or tcp://HOST:PORT, got 'docker-container://x'
        see 'jbuild dial-stdio --help'
        """,
        err.toString(StandardCharsets.UTF_8));
  }
}
