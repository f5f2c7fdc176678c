package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Questions about a Dockerfile, and contexts that the engine fetches. */
@Tag("root")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FrontendAnswersIT {
  private BuildHost host;

  @BeforeAll
  void open(@TempDir Path directory) throws Exception {
    host = BuildHost.withBase(directory);
  }

  @Test
  void checkNamesTheRuleAndItsLineAndBuildsNothing() throws Exception {
    Outcome outcome = host.build("FROM base as one\nRUN exit 3\n", "--check");
    assertEquals(1, outcome.code(), outcome.err());
    assertTrue(outcome.out().contains("FromAsCasing"), outcome.out());
    assertTrue(outcome.out().contains("Dockerfile:1"), outcome.out());
  }

  @Test
  void checkOfACleanFileSucceeds() throws Exception {
    Outcome outcome = host.build("FROM base AS one\nRUN exit 3\n", "--check").succeeded();
    assertEquals("no warnings\n", outcome.out());
  }

  @Test
  void targetsAndOutlineAreAnsweredAsJsonToo() throws Exception {
    String file = "FROM base AS one\nARG VERSION=1\nRUN exit 3\nFROM one AS two\n";
    String targets = host.build(file, "--call=targets,format=json").succeeded().out();
    assertTrue(targets.contains("\"one\"") && targets.contains("\"two\""), targets);
    String outline = host.build(file, "--call=outline", "--target=one").succeeded().out();
    assertTrue(outline.contains("VERSION"), outline);
  }

  @Test
  void checkAndAnotherCallExcludeEachOther() throws Exception {
    Outcome outcome = host.build("FROM base\n", "--check", "--call=targets").endedWith(64);
    assertTrue(
        outcome.err().contains("--check and --call=targets exclude each other"), outcome.err());
  }

  @Test
  void contextIsFetchedAsAnArchiveFromTheWeb() throws Exception {
    Path context = host.context("FROM base\nCOPY hello /hello\n");
    Files.writeString(context.resolve("hello"), "from an archive\n");
    Path archive = host.work().resolve("context.tar");
    Commands.exec("tar", "-C", context.toString(), "-cf", archive.toString(), ".");
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/context.tar",
        exchange -> {
          byte[] bytes = Files.readAllBytes(archive);
          exchange.sendResponseHeaders(200, bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      Path result = host.work().resolve("fetched");
      host.jbuild(
              "build",
              "--progress=plain",
              "--output=type=local,dest=" + result,
              "http://127.0.0.1:" + server.getAddress().getPort() + "/context.tar")
          .succeeded();
      assertEquals("from an archive\n", Files.readString(result.resolve("hello")));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void contextIsFetchedFromARepository() throws Exception {
    Commands.assumed("git");
    Path repository = Files.createDirectories(host.work().resolve("served/app.git"));
    Path work = Files.createDirectories(host.work().resolve("checkout"));
    Files.writeString(work.resolve("Dockerfile"), "FROM base\nCOPY hello /hello\n");
    Files.writeString(work.resolve("hello"), "from a repository\n");
    String git = "git -c user.name=a -c user.email=a@b -C " + work + " ";
    Commands.sh(git + "init -q -b main && " + git + "add -A && " + git + "commit -q -m one");
    Commands.sh(
        "git clone -q --bare %s %s && git -C %s update-server-info"
            .formatted(work, repository, repository));
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          Path file =
              host.work()
                  .resolve("served")
                  .resolve(exchange.getRequestURI().getPath().substring(1));
          boolean found = Files.isRegularFile(file);
          byte[] bytes = found ? Files.readAllBytes(file) : new byte[0];
          exchange.sendResponseHeaders(found ? 200 : 404, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      Path result = host.work().resolve("cloned");
      host.jbuild(
              "build",
              "--progress=plain",
              "--output=type=local,dest=" + result,
              "http://127.0.0.1:" + server.getAddress().getPort() + "/app.git#main")
          .succeeded();
      assertEquals("from a repository\n", Files.readString(result.resolve("hello")));
    } finally {
      server.stop(0);
    }
  }
}
