package dev.jbuild.source.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.net.httpserver.HttpServer;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Where files of the web are looked for, and with whose rights. */
@Timeout(60)
class HttpAccessTest {
  private final WebFiles web;

  HttpAccessTest(@TempDir Path directory) throws IOException {
    web = new WebFiles(directory);
  }

  @AfterEach
  void close() {
    web.close();
  }

  @Test
  void redirectsAreFollowedAndEnd() throws Exception {
    String file = web.serve("/end", "hello");
    String url = web.serve("/start", exchange -> WebFiles.redirect(exchange, file));
    assertEquals("start hello", web.text(url, Map.of()));
    String loop = web.serve("/loop", exchange -> WebFiles.redirect(exchange, "/loop"));
    assertEquals(loop + ": redirected more than 10 times", web.failure(loop, Map.of()).message());
    String away = web.serve("/away", exchange -> WebFiles.redirect(exchange, "file:///etc/passwd"));
    assertEquals(
        away + ": redirected to 'file:///etc/passwd', which is no http or https URL",
        web.failure(away, Map.of()).message());
  }

  @Test
  void whatIsNotThereIsNotFound() {
    String url = web.serve("/gone", exchange -> exchange.sendResponseHeaders(404, -1));
    BuildException failure = web.failure(url, Map.of());
    assertEquals(Code.NOT_FOUND, failure.code());
    assertEquals(
        url + ": the server answered with status 404: there is no such file", failure.message());
  }

  @Test
  void aSecretIsSentToTheServerAndNotFurther() throws Exception {
    var auth = Collections.synchronizedList(new ArrayList<String>());
    try (var other = new OtherServer(auth)) {
      String url =
          web.serve(
              "/private",
              exchange -> {
                auth.add("first " + exchange.getRequestHeaders().getFirst("Authorization"));
                WebFiles.redirect(exchange, other.url());
              });
      web.text(url, Map.of("http.authheadersecret", "token"));
      assertEquals(List.of("first Bearer t", "other null"), auth);
    }
  }

  @Test
  void aUserInTheUrlIsSentAsALoginAndNotShown() {
    String url =
        web.serve(
            "/login",
            exchange -> {
              web.seen.add(exchange.getRequestHeaders().getFirst("Authorization"));
              exchange.sendResponseHeaders(404, -1);
            });
    String message = web.failure(url.replace("://", "://ann:pw@"), Map.of()).message();
    assertEquals(url + ": the server answered with status 404: there is no such file", message);
    assertEquals(List.of("/login", "Basic YW5uOnB3"), web.seen);
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
              WebFiles.send(exchange, "moved");
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
        web.failure("http://127.0.0.1:1/", Map.of("http.authheadersecret", "none")).message());
  }
}
