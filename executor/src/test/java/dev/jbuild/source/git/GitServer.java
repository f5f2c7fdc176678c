package dev.jbuild.source.git;

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
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Repositories below a directory, served on loopback: {@code /smart/} through git's own program,
 * {@code /dumb/} as plain files. May want a header.
 */
final class GitServer implements AutoCloseable {
  private static final Path BACKEND = Path.of("/usr/lib/git-core/git-http-backend");

  final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  volatile String wantedAuthorization = "";
  private final Path root;
  private final HttpServer server;

  GitServer(Path root) throws IOException {
    Assumptions.assumeTrue(
        Files.isExecutable(BACKEND), "skipped: git is not installed: " + BACKEND + " is missing");
    this.root = Files.createDirectories(root);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/smart/", exchange -> answer(exchange, this::smart));
    server.createContext("/dumb/", exchange -> answer(exchange, this::dumb));
    server.start();
  }

  String url(String kind, String repository) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + kind + "/" + repository;
  }

  private interface Answering {
    void answer(HttpExchange exchange, String path) throws IOException;
  }

  private void answer(HttpExchange exchange, Answering answering) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().replaceFirst("^/[a-z]+", "");
      seen.add(exchange.getRequestMethod() + " " + path);
      String given = exchange.getRequestHeaders().getFirst("Authorization");
      if (wantedAuthorization.isEmpty() || wantedAuthorization.equals(given)) {
        answering.answer(exchange, path);
      } else {
        exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"git\"");
        exchange.sendResponseHeaders(401, -1);
      }
    }
  }

  private void dumb(HttpExchange exchange, String path) throws IOException {
    Path file = root.resolve(path.substring(1));
    if (!Files.isRegularFile(file)) {
      exchange.sendResponseHeaders(404, -1);
      return;
    }
    byte[] bytes = Files.readAllBytes(file);
    exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Source: RFC 3875; git-http-backend(1). */
  private void smart(HttpExchange exchange, String path) throws IOException {
    var builder = new ProcessBuilder(BACKEND.toString());
    Map<String, String> env = builder.environment();
    env.put("GIT_PROJECT_ROOT", root.toString());
    env.put("GIT_HTTP_EXPORT_ALL", "1");
    env.put("PATH_INFO", path);
    env.put("REQUEST_METHOD", exchange.getRequestMethod());
    String query = exchange.getRequestURI().getRawQuery();
    env.put("QUERY_STRING", query == null ? "" : query);
    copyHeader(exchange, env, "Content-Type", "CONTENT_TYPE");
    copyHeader(exchange, env, "Content-Encoding", "HTTP_CONTENT_ENCODING");
    copyHeader(exchange, env, "Git-Protocol", "GIT_PROTOCOL");
    env.put("GIT_CONFIG_COUNT", "1");
    env.put("GIT_CONFIG_KEY_0", "safe.directory");
    env.put("GIT_CONFIG_VALUE_0", "*");
    Process process = builder.start();
    try (var in = process.getOutputStream()) {
      exchange.getRequestBody().transferTo(in);
    }
    byte[] all = process.getInputStream().readAllBytes();
    int end = new String(all, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
    int status = 200;
    for (String line : new String(all, 0, end, StandardCharsets.ISO_8859_1).lines().toList()) {
      int colon = line.indexOf(':');
      String value = line.substring(colon + 1).strip();
      if (line.startsWith("Status:")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    exchange.getResponseBody().write(all, end + 4, all.length - end - 4);
  }

  private static void copyHeader(
      HttpExchange exchange, Map<String, String> env, String header, String variable) {
    String value = exchange.getRequestHeaders().getFirst(header);
    if (value != null) {
      env.put(variable, value);
    }
  }

  /** Runs git in a repository, which is made when it is not there; gives what it writes. */
  String git(String repository, String... arguments) throws IOException, InterruptedException {
    Path directory = root.resolve(repository);
    if (!Files.exists(directory)) {
      Files.createDirectories(directory);
      git(repository, "init", "-q", "-b", "main");
    }
    var command = new ArrayList<>(List.of("git", "-c", "protocol.file.allow=always"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectErrorStream(true);
    builder
        .environment()
        .putAll(
            Map.of(
                "GIT_AUTHOR_NAME", "Ann",
                "GIT_AUTHOR_EMAIL", "ann@example.com",
                "GIT_COMMITTER_NAME", "Ann",
                "GIT_COMMITTER_EMAIL", "ann@example.com",
                "GIT_CONFIG_GLOBAL", "/dev/null",
                "GIT_COMMITTER_DATE", "2001-02-03T04:05:06Z",
                "GIT_AUTHOR_DATE", "2001-02-03T04:05:06Z"));
    Process process = builder.start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (!process.waitFor(30, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new IOException("git " + List.of(arguments) + ": " + output);
    }
    return output;
  }

  /** Commits one file and gives the commit. */
  String commit(String repository, String file, String text)
      throws IOException, InterruptedException {
    git(repository, "status");
    Path path = root.resolve(repository).resolve(file);
    int slash = file.lastIndexOf('/');
    Files.createDirectories(
        root.resolve(repository).resolve(file.substring(0, Math.max(slash, 0))));
    Files.deleteIfExists(path);
    Files.writeString(path, text);
    git(repository, "add", "-A");
    git(repository, "commit", "-q", "-m", "change " + file);
    git(repository, "update-server-info");
    return git(repository, "rev-parse", "HEAD");
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
