package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.daemon.config.ServerConfig;
import io.grpc.protobuf.services.HealthStatusManager;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Those who come with TLS and do not finish it, and what the log says of them. */
@Timeout(60)
class TlsBoundsTest {
  @TempDir Path work;
  private final BoundedServer server =
      new BoundedServer(new HealthStatusManager().getHealthService().bindService());

  @AfterEach
  void close() throws Exception {
    server.close();
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
    var bounds = new BoundedServer.Bounds();
    bounds.greeting = BoundedServer.SHORT.multipliedBy(2);
    int port = server.serve(bounds, tls());
    // A handshake record of 256 bytes, of which five come.
    Socket half = server.connect(port, new byte[] {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3});
    Socket silent = server.connect(port, new byte[0]);
    long begin = System.nanoTime();
    BoundedServer.heard(half, -1);
    BoundedServer.heard(silent, -1);
    assertTrue(System.nanoTime() - begin > BoundedServer.EARLY_NANOS, "they are given their time");
  }

  @Test
  void whoLooksWhetherSomebodyListensIsNotInTheLog() throws Exception {
    int port = server.serve(new BoundedServer.Bounds(), tls());
    try (var lines = new Lines()) {
      for (int i = 0; i < 50; i++) {
        server.connect(port, new byte[0]).close();
      }
      // Another one, that is worth a line: those before it have been seen by then.
      BoundedServer.heard(
          server.connect(port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)), -1);
      awaitLines(lines, 1);
      assertEquals(1, lines.all.size(), lines.all::toString);
    }
  }

  @Test
  void manyWhoBreakTlsGetFewLines() throws Exception {
    int port = server.serve(new BoundedServer.Bounds(), tls());
    try (var lines = new Lines()) {
      for (int i = 0; i < 60; i++) {
        BoundedServer.heard(
            server.connect(
                port, "GET / HTTP/1.1\r\n".repeat(50).getBytes(StandardCharsets.US_ASCII)),
            -1);
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
