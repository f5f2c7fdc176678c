package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DebugAddressTest {
  @TempDir Path work;

  private ServedDaemon daemon(String address) {
    return ServedDaemon.over(
        work.resolve("root"),
        "health and metrics at",
        "--addr=unix://" + work.resolve("d.sock"),
        "--debugaddr=" + address);
  }

  @Test
  void healthAndFiguresAreTold() throws Exception {
    try (var daemon = daemon("127.0.0.1:0");
        var client = HttpClient.newHttpClient()) {
      String base = "http://127.0.0.1:" + daemon.debugPort();
      assertEquals("ok\n", get(client, base + "/healthz").body());
      HttpResponse<String> metrics = get(client, base + "/metrics");
      assertEquals(
          "text/plain; version=0.0.4; charset=utf-8",
          metrics.headers().firstValue("content-type").orElse(""));
      assertTrue(metrics.body().contains("\njbuild_builds_running 0\n"), metrics.body());
      assertTrue(
          metrics.body().contains("\njbuild_builds_total{result=\"failed\"} 0\n"), metrics.body());
      assertTrue(metrics.body().contains("\njvm_threads_current "), metrics.body());
      assertTrue(get(client, base + "/debug/threads").body().contains("DebugPages.threads"));
      assertEquals(404, get(client, base + "/debug/pprof/heap").statusCode());
    }
  }

  private static HttpResponse<String> get(HttpClient client, String uri) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void aUnixSocketAnswersAndIsGoneAfterwards() throws Exception {
    Path socket = work.resolve("debug.sock");
    try (var daemon = daemon("unix://" + socket);
        var connection = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      connection.connect(UnixDomainSocketAddress.of(socket));
      connection.write(
          ByteBuffer.wrap(
              "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.UTF_8)));
      ByteBuffer answer = ByteBuffer.allocate(1000);
      while (connection.read(answer) >= 0) {
        assertTrue(answer.hasRemaining());
      }
      String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
      assertTrue(text.startsWith("HTTP/1.1 200 OK\r\n") && text.endsWith("\r\n\r\nok\n"), text);
      assertTrue(daemon.said().contains("debug.sock"));
    }
    assertTrue(Files.notExists(socket));
  }
}
