package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.LayerRig;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.source.Located;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpSourceTest {
  private static final String DATE = "Wed, 21 Oct 2015 07:28:00 GMT";
  private static final long DATE_NANOS = 1_445_412_480L * 1_000_000_000;

  private final Path directory;
  private final WebFiles web;

  HttpSourceTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    web = new WebFiles(directory);
  }

  @AfterEach
  void close() {
    web.close();
  }

  @Test
  void aFileHasTheNameOfTheUrlAndTheTimeOfTheServer() throws Exception {
    String url =
        web.serve(
            "/dir/",
            exchange -> {
              exchange.getResponseHeaders().set("Last-Modified", DATE);
              WebFiles.send(exchange, "hello");
            });
    Path file = web.file(web.locate(url + "a%20b.txt?query", Map.of()));
    assertEquals("a b.txt", file.getFileName().toString());
    FileStat stat = web.rig.kernel.stat(file);
    assertEquals(DATE_NANOS, stat.modifiedNanos());
    assertEquals(0600, stat.permissions());
  }

  @Test
  void nameModeAndOwnerAreAsTheBuildWants() throws Exception {
    String url = web.serve("/a", "hello");
    var attrs =
        Map.of("http.filename", "own", "http.perm", "0755", "http.uid", "3", "http.gid", "4");
    Path file = web.file(web.locate(url, attrs));
    FileStat stat = web.rig.kernel.stat(file);
    assertEquals("own", file.getFileName().toString());
    assertEquals(0755, stat.permissions());
    assertEquals(3, stat.uid());
    assertEquals(4, stat.gid());
    assertEquals(0, stat.modifiedNanos());
  }

  @Test
  void theServersNameWinsOverTheUrls() throws Exception {
    String url =
        web.serve(
            "/a",
            exchange -> {
              exchange
                  .getResponseHeaders()
                  .set("Content-Disposition", "attachment; filename=\"../x/real.txt\"");
              WebFiles.send(exchange, "hello");
            });
    assertEquals("real.txt hello", web.text(url, Map.of()));
  }

  @Test
  void anUnchangedFileIsNotSentAgain() throws Exception {
    String url =
        web.serve(
            "/etag",
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              if ("\"1\"".equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
                exchange.sendResponseHeaders(304, -1);
              } else {
                WebFiles.send(exchange, "hello");
              }
            });
    Located first = web.locate(url, Map.of());
    Located second = web.locate(url, Map.of());
    assertEquals(List.of("/etag", "/etag\"1\""), web.seen);
    assertEquals(first.key(), second.key());
    assertEquals(first.snapshot(), second.snapshot());
  }

  @Test
  void anUnchangedFileCanLieInAnotherPlace() throws Exception {
    String url =
        web.serve(
            "/etag",
            exchange -> {
              exchange.getResponseHeaders().set("ETag", "\"1\"");
              boolean again = exchange.getRequestHeaders().containsKey("If-None-Match");
              if (again) {
                exchange.sendResponseHeaders(304, -1);
              } else {
                WebFiles.send(exchange, "hello");
              }
            });
    assertEquals("etag hello", web.text(url, Map.of()));
    assertEquals("other hello", web.text(url, Map.of("http.filename", "other")));
  }

  @Test
  void theSameBytesOfAServerWithoutEtagHaveTheSameKeyAndLayer() throws Exception {
    String url = web.serve("/plain", "hello");
    Located first = web.locate(url, Map.of());
    Located second = web.locate(url, Map.of());
    assertEquals(first.key(), second.key());
    assertEquals(first.snapshot(), second.snapshot());
  }

  @Test
  void otherBytesHaveAnotherKey() throws Exception {
    String url =
        web.serve("/count", exchange -> WebFiles.send(exchange, "number " + web.seen.size()));
    assertNotEquals(web.locate(url, Map.of()).key(), web.locate(url, Map.of()).key());
  }

  @Test
  void aJobReadsAUrlOnce() throws Exception {
    String url =
        web.serve("/count", exchange -> WebFiles.send(exchange, "number " + web.seen.size()));
    var request = new SourceRequest(url, Map.of(), LayerRig.AMD64);
    HttpSource job = web.source();
    assertEquals(
        job.locate(request, TransferProgress.NONE).key(),
        job.locate(request, TransferProgress.NONE).key());
  }

  @Test
  void aFileOfAKnownChecksumIsAskedForOnce() throws Exception {
    String url = web.serve("/sum", "hello");
    var attrs =
        Map.of("http.checksum", Digest.of("hello".getBytes(StandardCharsets.UTF_8)).toString());
    Located first = web.locate(url, attrs);
    assertEquals(List.of(), web.seen);
    assertEquals("sum hello", web.text(url, attrs));
    assertEquals(first.snapshot(), web.locate(url, attrs).snapshot());
    assertEquals(List.of("/sum"), web.seen);
  }

  @Test
  void anotherChecksumIsRefusedAndNothingIsKept() {
    String url = web.serve("/sum", "hello");
    Digest hello = Digest.of("hello".getBytes(StandardCharsets.UTF_8));
    Digest wanted = Digest.of(new byte[] {1});
    BuildException failure = web.failure(url, Map.of("http.checksum", wanted.toString()));
    assertEquals(Code.DATA_LOSS, failure.code());
    assertEquals(url + " has digest " + hello + ", the build wants " + wanted, failure.message());
  }

  @Test
  void longerChecksumsAreChecked() throws Exception {
    String url = web.serve("/sum", "hello");
    String sha512 =
        "sha512:9b71d224bd62f3785d96d46ad3ea3d73319bfbc2890caadae2dff72519673ca72323c3d99ba5c11d7"
            + "c7acc6e14b8c5da0c4663475c2e5c3adef46f73bcdec043";
    assertEquals("sum hello", web.text(url, Map.of("http.checksum", sha512)));
    String other = sha512.replace("sha512:9", "sha512:8");
    assertEquals(Code.DATA_LOSS, web.failure(url, Map.of("http.checksum", other)).code());
  }

  @Test
  void aCancelledDownloadEndsAndLeavesNothing() throws Exception {
    var begun = new CountDownLatch(1);
    var never = new CountDownLatch(1);
    String url =
        web.serve(
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
    Future<Located> download = web.threads.submit(() -> web.locate(url, Map.of()));
    begun.await();
    web.threads.shutdownNow();
    var failure = assertThrows(ExecutionException.class, download::get);
    assertInstanceOf(InterruptedException.class, failure.getCause());
    try (var layers = Files.walk(directory.resolve("layers"))) {
      assertEquals(List.of(), layers.filter(Files::isRegularFile).toList());
    }
  }

  @Test
  void aClientsUploadIsRead() throws Exception {
    Located located =
        web.locate("http://buildkit-session/once", Map.of("http.filename", "context"));
    assertEquals("uploaded", Files.readString(web.file(located)));
  }

  @Test
  void anUploadThatTheClientDoesNotOfferIsRefused() {
    assertEquals(
        "http://buildkit-session/other: the client's session offers no uploads",
        assertThrows(
                BuildException.class, () -> web.locate("http://buildkit-session/other", Map.of()))
            .message());
  }
}
