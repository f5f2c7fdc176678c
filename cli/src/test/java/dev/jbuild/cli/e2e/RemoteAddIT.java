package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** ADD from a web server on loopback, which also has a git repository as plain files. */
@Tag("root")
class RemoteAddIT {
  private static final List<String> SEEN = Collections.synchronizedList(new ArrayList<>());
  private static Lab lab;
  private static HttpServer server;
  private static String commit;

  @BeforeAll
  static void open() throws Exception {
    Commands.assumed("git");
    lab = Lab.open();
    Path repository = Files.createDirectories(lab.directory().resolve("served/repo"));
    git(repository, "init", "-q", "-b", "main");
    Files.createDirectories(repository.resolve("sub"));
    Files.writeString(repository.resolve("sub/in"), "inside");
    Files.writeString(repository.resolve("top"), "outside");
    git(repository, "add", "-A");
    git(repository, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "one");
    git(repository, "tag", "v1");
    git(repository, "update-server-info");
    commit = git(repository, "rev-parse", "HEAD");
    Files.writeString(lab.directory().resolve("served/file.txt"), "hello");
    Files.writeString(lab.directory().resolve("served/other.txt"), "hello");
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", RemoteAddIT::answer);
    server.start();
  }

  private static String git(Path directory, String... arguments) throws Exception {
    var command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertTrue(process.waitFor(20, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output;
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath().substring(1);
    Path file = lab.directory().resolve("served").resolve(path).normalize();
    try (exchange) {
      boolean known = exchange.getRequestHeaders().containsKey("If-None-Match");
      SEEN.add(path + (known ? " again" : ""));
      exchange.getResponseHeaders().set("ETag", "\"1\"");
      if (!Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
      } else if (known) {
        exchange.sendResponseHeaders(304, -1);
      } else {
        byte[] bytes = Files.readAllBytes(file);
        exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
      }
    }
  }

  @AfterAll
  static void close() throws IOException {
    if (server != null) {
      server.stop(0);
    }
    if (lab != null) { // null when this machine can not build
      lab.close();
    }
  }

  private static String url(String path) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + path;
  }

  private static String says(Lab.Run run) {
    return run.succeeds()
        .err()
        .lines()
        .filter(line -> line.contains(" says ") && !line.contains("RUN"))
        .map(line -> line.substring(line.indexOf(" says ") + 6))
        .findFirst()
        .orElse("");
  }

  @Test
  void aFileOfTheWebIsAddedAndAskedForByItsTagLater() throws IOException {
    Path context =
        lab.context(
            "web",
            "FROM base\nADD "
                + url("file.txt")
                + " /in/\nRUN echo says $(cat /in/file.txt) $(stat -c %a /in/file.txt)\n");
    assertEquals("hello 600", says(lab.build(context)));
    Lab.Run again = lab.build(context);
    assertEquals("", says(again));
    assertEquals(
        List.of("file.txt", "file.txt again"),
        SEEN.stream().filter(path -> path.startsWith("file.txt")).toList());
  }

  @Test
  void aFileOfAnotherChecksumIsRefused() throws IOException {
    String wrong = "sha256:" + "0".repeat(64);
    Path context =
        lab.context(
            "sum", "FROM base\nADD --checksum=" + wrong + " " + url("other.txt") + " /in/f\n");
    Lab.Run run = lab.build(context);
    assertTrue(
        run.err()
            .contains(
                "other.txt has digest sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362"
                    + "938b9824, the build wants "
                    + wrong),
        run.err());
  }

  @Test
  void aRepositoryIsAddedByTagAndDirectory() throws IOException {
    Path context =
        lab.context(
            "git",
            "FROM base\nADD "
                + url("repo/.git")
                + "#v1:sub /in\nRUN echo says $(ls -A /in) $(cat /in/in)\n");
    assertEquals("in inside", says(lab.build(context)));
  }

  @Test
  void aRepositoryIsAddedWithGitsOwnFiles() throws IOException {
    Path context =
        lab.context(
            "keep",
            "FROM base\nADD --keep-git-dir=true "
                + url("repo/.git")
                + "#main /in\nRUN echo says $(cat /in/.git/HEAD)\n");
    assertEquals(commit, says(lab.build(context)));
  }

  @Test
  void aNamedContextCanBeARepository() throws IOException {
    Path context =
        lab.context("named", "FROM base\nCOPY --from=src /top /top\nRUN echo says $(cat /top)\n");
    assertEquals(
        "outside", says(lab.build(context, "--build-context=src=" + url("repo/.git") + "#main")));
  }
}
