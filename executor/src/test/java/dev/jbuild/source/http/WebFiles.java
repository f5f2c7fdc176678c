package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jbuild.error.BuildException;
import dev.jbuild.export.LayerRig;
import dev.jbuild.oci.Bytes;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.registry.WebClient;
import dev.jbuild.session.Uploads;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.source.Located;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.SourceRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.h2.mvstore.MVStore;

/** A server of files on loopback, and what the source makes of them in a directory. */
final class WebFiles implements AutoCloseable {
  private final MVStore store = MVStore.open(null);
  private final Http http = new Http();
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;
  final LayerRig rig;

  WebFiles(Path directory) throws IOException {
    rig = new LayerRig(directory);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.start();
  }

  interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Adds a file and gives its URL. */
  String serve(String path, Answering answering) {
    server.createContext(
        path,
        exchange -> {
          seen.add(
              exchange.getRequestURI()
                  + Optional.ofNullable(exchange.getRequestHeaders().getFirst("If-None-Match"))
                      .orElse(""));
          try (exchange) {
            answering.answer(exchange);
          }
        });
    return "http://127.0.0.1:" + server.getAddress().getPort() + path;
  }

  static void send(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  String serve(String path, String text) {
    return serve(path, exchange -> send(exchange, text));
  }

  static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  HttpSource source() {
    var made = new MadeLayers(store, rig.snapshotter, rig.catalog, Clock.systemUTC());
    return new HttpSource(
        "http",
        new WebClient(http, millis -> {}),
        id -> id.equals("token") ? Optional.of(Bytes.utf8("Bearer t")) : Optional.empty(),
        path -> {
          if (!path.equals("/once")) {
            return Uploads.NONE.open(path);
          }
          return new ByteArrayInputStream("uploaded".getBytes(StandardCharsets.UTF_8));
        },
        new Downloads(store, made, rig.kernel));
  }

  Located locate(String url, Map<String, String> attrs) throws InterruptedException {
    return source().locate(new SourceRequest(url, attrs, LayerRig.AMD64), TransferProgress.NONE);
  }

  /** The only file of the only layer. */
  Path file(Located located) throws IOException, InterruptedException {
    LayerId layer = located.snapshot().layers().getFirst();
    try (var files = Files.list(rig.snapshotter.directory(layer))) {
      return files.toList().getFirst();
    }
  }

  String text(String url, Map<String, String> attrs) throws Exception {
    Path file = file(locate(url, attrs));
    return file.getFileName() + " " + Files.readString(file);
  }

  BuildException failure(String url, Map<String, String> attrs) {
    return assertThrows(BuildException.class, () -> locate(url, attrs).snapshot());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
    http.close();
    rig.close();
    store.close();
  }
}
