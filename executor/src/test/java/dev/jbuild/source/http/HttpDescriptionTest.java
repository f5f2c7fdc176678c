package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.sun.net.httpserver.HttpServer;
import dev.jbuild.error.BuildException;
import dev.jbuild.export.LayerRig;
import dev.jbuild.oci.Bytes;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.registry.WebClient;
import dev.jbuild.session.Uploads;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is told of files of the web without their being built with. */
@Timeout(60)
class HttpDescriptionTest {
  private static final String HELLO = Bytes.utf8("hello").digest().toString();

  private final MVStore store = MVStore.open(null);
  private final Http http = new Http();
  private final AtomicInteger asked = new AtomicInteger();
  private final HttpServer server;
  private final LayerRig rig;
  private final HttpSource source;

  HttpDescriptionTest(@TempDir Path directory) throws IOException {
    rig = new LayerRig(directory);
    var made = new MadeLayers(store, rig.snapshotter, rig.catalog, Clock.systemUTC());
    source =
        new HttpSource(
            "http",
            new WebClient(http, millis -> {}),
            id -> Optional.empty(),
            Uploads.NONE,
            new Downloads(store, made, rig.kernel));
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/file",
        exchange -> {
          try (exchange) {
            asked.incrementAndGet();
            var headers = exchange.getResponseHeaders();
            headers.set("Last-Modified", "Wed, 21 Oct 2015 07:28:00 GMT");
            headers.set("Content-Disposition", "attachment; filename=\"real.txt\"");
            exchange.sendResponseHeaders(200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
          }
        });
    server.start();
  }

  @AfterEach
  void close() {
    server.stop(0);
    http.close();
    rig.close();
    store.close();
  }

  private SourceRequest request(String path, Map<String, String> attrs) {
    String url = "http://127.0.0.1:" + server.getAddress().getPort() + path;
    return new SourceRequest(url, attrs, LayerRig.AMD64);
  }

  private SourceFacts describe(Map<String, String> attrs, SourceQuestion question)
      throws InterruptedException {
    return source.describe(request("/file", attrs), question, TransferProgress.NONE);
  }

  @Test
  void aFileIsDescribedAsItsServerGivesItAndIsNotReadAgain() throws Exception {
    var facts = new SourceFacts.Web(HELLO, "real.txt", Instant.parse("2015-10-21T07:28:00Z"), null);
    assertEquals(facts, describe(Map.of(), SourceQuestion.PLAIN));
    source.locate(request("/file", Map.of()), TransferProgress.NONE).snapshot();
    assertEquals(1, asked.get());
  }

  @Test
  void ofAKnownChecksumNobodyIsAsked() throws Exception {
    assertEquals(
        new SourceFacts.Web(HELLO, "own", null, null),
        describe(Map.of("http.checksum", HELLO, "http.filename", "own"), SourceQuestion.PLAIN));
    assertEquals(0, asked.get());
  }

  @Test
  void theWantedDigestIsOfTheFileAndWhatFollows() throws Exception {
    var hash = new SourceQuestion.Hash(SourceQuestion.Algorithm.SHA256, Bytes.utf8(" world"));
    var facts = (SourceFacts.Web) describe(Map.of(), new SourceQuestion(false, hash));
    assertEquals(Bytes.utf8("hello world").digest().toString(), facts.answer());
    assertEquals(HELLO, facts.checksum());
    var known =
        (SourceFacts.Web) describe(Map.of("http.checksum", HELLO), new SourceQuestion(false, hash));
    assertEquals(facts.answer(), known.answer());
  }

  @Test
  void longerDigestsAreGivenToo() throws Exception {
    var hash = new SourceQuestion.Hash(SourceQuestion.Algorithm.SHA384, Bytes.empty());
    var facts = (SourceFacts.Web) describe(Map.of(), new SourceQuestion(false, hash));
    assertEquals(
        "sha384:59e1748777448c69de6b800d7a33bbfb9ff1b463e44354c3553bcdb9c666fa90"
            + "125a3c79f90397bdf5f6a13de828684f",
        facts.answer());
  }

  @Test
  void whatIsNotThereIsNotFound() {
    var failure =
        assertThrows(
            BuildException.class,
            () ->
                source.describe(
                    request("/none", Map.of()), SourceQuestion.PLAIN, TransferProgress.NONE));
    assertEquals(
        request("/none", Map.of()).identifier()
            + ": the server answered with status 404: there is no such file",
        failure.message());
    assertNull(failure.getCause());
  }
}
