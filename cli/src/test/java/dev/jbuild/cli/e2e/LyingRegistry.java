package dev.jbuild.cli.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves an OCI layout on loopback under any name, with its largest blob as it should not be. */
final class LyingRegistry implements AutoCloseable {
  private static final Pattern DIGEST = Pattern.compile("sha256:([0-9a-f]{64})");

  private final HttpServer server;
  private final Path layout;
  private final Lie lie;

  /** What is wrong with the largest blob. */
  enum Lie {
    NONE,
    TRUNCATED,
    OTHER_BYTES
  }

  LyingRegistry(Path layout, Lie lie) throws IOException {
    this.layout = layout;
    this.lie = lie;
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      Matcher digest = DIGEST.matcher(path);
      if (path.equals("/v2/")) {
        exchange.sendResponseHeaders(200, -1);
      } else if (digest.find()) {
        send(exchange, digest.group(1), path.contains("/manifests/"));
      } else {
        Matcher first =
            DIGEST.matcher(Files.readString(layout.resolve("index.json"), StandardCharsets.UTF_8));
        exchange.sendResponseHeaders(first.find() ? 404 : 500, -1);
      }
    }
  }

  private void send(HttpExchange exchange, String hex, boolean manifest) throws IOException {
    byte[] body = Files.readAllBytes(layout.resolve("blobs/sha256").resolve(hex));
    boolean wrong = lie != Lie.NONE && body.length > 100_000;
    if (wrong && lie == Lie.OTHER_BYTES) {
      body[body.length / 2] ^= 1;
    }
    exchange
        .getResponseHeaders()
        .set(
            "Content-Type",
            manifest ? "application/vnd.oci.image.manifest.v1+json" : "application/octet-stream");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    exchange.sendResponseHeaders(200, body.length);
    int end = wrong && lie == Lie.TRUNCATED ? body.length / 2 : body.length;
    exchange.getResponseBody().write(body, 0, end);
    exchange.getResponseBody().flush();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
