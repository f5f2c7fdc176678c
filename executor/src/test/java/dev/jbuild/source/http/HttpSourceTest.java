package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.LayerRig;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpSourceTest {
  private static final String DATE = "Wed, 21 Oct 2015 07:28:00 GMT";
  private static final long DATE_NANOS = 1_445_412_480L * 1_000_000_000;

  private final Path directory;
  private final MVStore store = MVStore.open(null);
  private final Http http = new Http();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;
  private final LayerRig rig;

  HttpSourceTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    rig = new LayerRig(directory);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
  }

  @BeforeEach
  void open() {
    server.setExecutor(threads);
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    threads.shutdownNow();
    http.close();
    rig.close();
    store.close();
  }

  private interface Answering {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Adds a file and gives its URL. */
  private String serve(String path, Answering answering) {
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

  private static void send(HttpExchange exchange, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private String serve(String path, String text) {
    return serve(path, exchange -> send(exchange, text));
  }

  private HttpSource source() {
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

  private Located locate(String url, Map<String, String> attrs) throws InterruptedException {
    return source().locate(new SourceRequest(url, attrs, LayerRig.AMD64), TransferProgress.NONE);
  }

  /** The only file of the only layer. */
  private Path file(Located located) throws IOException, InterruptedException {
    LayerId layer = located.snapshot().layers().getFirst();
    try (var files = Files.list(rig.snapshotter.directory(layer))) {
      return files.toList().getFirst();
    }
  }

  private String text(String url, Map<String, String> attrs) throws Exception {
    Path file = file(locate(url, attrs));
    return file.getFileName() + " " + Files.readString(file);
  }

  private BuildException failure(String url, Map<String, String> attrs) {
    return assertThrows(BuildException.class, () -> locate(url, attrs).snapshot());
  }

  @Test
  void aFileHasTheNameOfTheUrlAndTheTimeOfTheServer() throws Exception {
    String url =
        serve(
            "/dir/",
            exchange -> {
              exchange.getResponseHeaders().set("Last-Modified", DATE);
              send(exchange, "hello");
            });
    Path file = file(locate(url + "a%20b.txt?query", Map.of()));
    assertEquals("a b.txt", file.getFileName().toString());
    FileStat stat = rig.kernel.stat(file);
    assertEquals(DATE_NANOS, stat.modifiedNanos());
    assertEquals(0600, stat.permissions());
  }

  @Test
  void nameModeAndOwnerAreAsTheBuildWants() throws Exception {
    String url = serve("/a", "hello");
    var attrs =
        Map.of("http.filename", "own", "http.perm", "0755", "http.uid", "3", "http.gid", "4");
    Path file = file(locate(url, attrs));
    FileStat stat = rig.kernel.stat(file);
    assertEquals("own", file.getFileName().toString());
    assertEquals(0755, stat.permissions());
    assertEquals(3, stat.uid());
    assertEquals(4, stat.gid());
    assertEquals(0, stat.modifiedNanos());
  }

  @Test
  void theServersNameWinsOverTheUrls() throws Exception {
    String url =
        serve(
            "/a",
            exchange -> {
              exchange
                  .getResponseHeaders()
                  .set("Content-Disposition", "attachment; filename=\"../x/real.txt\"");
              send(exchange, "hello");
            });
    assertEquals("real.txt hello", text(url, Map.of()));
  }

  @Test
  void anUnchangedFileIsNotSentAgain() throws Exception {
    String url =
        serve(
            "/etag",
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              if ("\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
              } else {
                send(exchange, "hello");
              }
            });
    Located first = locate(url, Map.of());
    Located second = locate(url, Map.of());
    assertEquals(List.of("/etag", "/etag\"1\""), seen);
    assertEquals(first.key(), second.key());
    assertEquals(first.snapshot(), second.snapshot());
  }

  @Test
  void anUnchangedFileCanLieInAnotherPlace() throws Exception {
    String url =
        serve(
            "/etag",
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              boolean again = exchange.getRequestHeaders().containsKey("If-None-Match");
              if (again) {
                exchange.sendResponseHeaders(304, -1);
              } else {
                send(exchange, "hello");
              }
            });
    assertEquals("etag hello", text(url, Map.of()));
    assertEquals("other hello", text(url, Map.of("http.filename", "other")));
  }

  @Test
  void theSameBytesOfAServerWithoutEtagHaveTheSameKeyAndLayer() throws Exception {
    String url = serve("/plain", "hello");
    Located first = locate(url, Map.of());
    Located second = locate(url, Map.of());
    assertEquals(first.key(), second.key());
    assertEquals(first.snapshot(), second.snapshot());
  }

  @Test
  void otherBytesHaveAnotherKey() throws Exception {
    String url = serve("/count", exchange -> send(exchange, "number " + seen.size()));
    assertNotEquals(locate(url, Map.of()).key(), locate(url, Map.of()).key());
  }

  @Test
  void aJobReadsAUrlOnce() throws Exception {
    String url = serve("/count", exchange -> send(exchange, "number " + seen.size()));
    var request = new SourceRequest(url, Map.of(), LayerRig.AMD64);
    HttpSource job = source();
    assertEquals(
        job.locate(request, TransferProgress.NONE).key(),
        job.locate(request, TransferProgress.NONE).key());
  }

  @Test
  void aFileOfAKnownChecksumIsAskedForOnce() throws Exception {
    String url = serve("/sum", "hello");
    var attrs =
        Map.of("http.checksum", Digest.of("hello".getBytes(StandardCharsets.UTF_8)).toString());
    Located first = locate(url, attrs);
    assertEquals(List.of(), seen);
    assertEquals("sum hello", text(url, attrs));
    assertEquals(first.snapshot(), locate(url, attrs).snapshot());
    assertEquals(List.of("/sum"), seen);
  }

  @Test
  void anotherChecksumIsRefusedAndNothingIsKept() {
    String url = serve("/sum", "hello");
    Digest hello = Digest.of("hello".getBytes(StandardCharsets.UTF_8));
    Digest wanted = Digest.of(new byte[] {1});
    BuildException failure = failure(url, Map.of("http.checksum", wanted.toString()));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(url + " has digest " + hello + ", the build wants " + wanted, failure.message());
  }

  @Test
  void longerChecksumsAreChecked() throws Exception {
    String url = serve("/sum", "hello");
    String sha512 =
        "sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7"
            + "c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043";
    assertEquals("sum hello", text(url, Map.of("http.checksum", sha512)));
    String other = sha512.replace("sha512:9", "sha512:8");
    assertEquals(Code.DATA_LOSS, failure(url, Map.of("http.checksum", other)).code());
  }

  @Test
  void redirectsAreFollowedAndEnd() throws Exception {
    String file = serve("/end", "hello");
    String url = serve("/start", exchange -> redirect(exchange, file));
    assertEquals("start hello", text(url, Map.of()));
    String loop = serve("/loop", exchange -> redirect(exchange, "/loop"));
    assertEquals(loop + ": redirected more than 10 times", failure(loop, Map.of()).message());
    String away = serve("/away", exchange -> redirect(exchange, "file:///etc/passwd"));
    assertEquals(
        away + ": redirected to 'file:///etc/passwd', which is no http or https URL",
        failure(away, Map.of()).message());
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().set("Location", to);
    exchange.sendResponseHeaders(302, -1);
  }

  @Test
  void whatIsNotThereIsNotFound() {
    String url = serve("/gone", exchange -> exchange.sendResponseHeaders(404, -1));
    BuildException failure = failure(url, Map.of());
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        url + ": the server answered with status 404: there is no such file", failure.message());
  }

  @Test
  void aSecretIsSentToTheServerAndNotFurther() throws Exception {
    var auth = Collections.synchronizedList(new ArrayList<String>());
    try (var other = new OtherServer(auth)) {
      String url =
          serve(
              "/private",
              exchange -> {
                auth.add("first " + exchange.getRequestHeaders().getFirst("Authorization"));
                redirect(exchange, other.url());
              });
      text(url, Map.of("http.authheadersecret", "token"));
      assertEquals(List.of("first Bearer t", "other null"), auth);
    }
  }

  @Test
  void aUserInTheUrlIsSentAsALoginAndNotShown() {
    String url =
        serve(
            "/login",
            exchange -> {
              seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
              exchange.sendResponseHeaders(404, -1);
            });
    String message = failure(url.replace("://", "://ann:pw@"), Map.of()).message();
    assertEquals(url + ": the server answered with status 404: there is no such file", message);
    assertEquals(List.of("/login", "Basic YW5uOnB3"), seen);
  }

  /** Another server, with another port. */
  private static final class OtherServer implements AutoCloseable {
    private final HttpServer server;

    OtherServer(List<String> auth) throws IOException {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext(
          "/",
          exchange -> {
            auth.add("other " + exchange.getRequestHeaders().getFirst("Authorization"));
            try (exchange) {
              send(exchange, "moved");
            }
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/x";
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  @Test
  void aMissingSecretIsNamed() {
    assertEquals(
        "secret 'none' is needed to read a URL and was not given: build with --secret"
            + " id=none,src=FILE",
        failure("http://127.0.0.1:1/", Map.of("http.authheadersecret", "none")).message());
  }

  @Test
  void aCancelledDownloadEndsAndLeavesNothing() throws Exception {
    var begun = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    String url =
        serve(
            "/slow",
            exchange -> {
              exchange.sendResponseHeaders(200, 1000);
              exchange.getResponseBody().write(new byte[10]);
              exchange.getResponseBody().flush();
              begun.countDown();
              try {
                never.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    Future<Located> download = threads.submit(() -> locate(url, Map.of()));
    begun.await();
    threads.shutdownNow();
    var failure = assertThrows(ExecutionException.class, download::get);
    assertInstanceOf(InterruptedException.class, failure.getCause());
    try (var layers = Files.walk(directory.resolve("layers"))) {
      assertEquals(List.of(), layers.filter(Files::isRegularFile).toList());
    }
  }

  @Test
  void aClientsUploadIsRead() throws Exception {
    Located located = locate("http://buildkit-session/once", Map.of("http.filename", "context"));
    assertEquals("uploaded", Files.readString(file(located)));
  }

  @Test
  void anUploadThatTheClientDoesNotOfferIsRefused() {
    assertEquals(
        "http://buildkit-session/other: the client's session offers no uploads",
        assertThrows(BuildException.class, () -> locate("http://buildkit-session/other", Map.of()))
            .message());
  }
}
