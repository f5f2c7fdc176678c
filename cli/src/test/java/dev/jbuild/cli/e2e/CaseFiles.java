package dev.jbuild.cli.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * The cases' directories, copied so that modes, owners and times are known, and a web server on
 * loopback that has all of them, and an agent's socket that nobody answers at.
 */
record CaseFiles(
    Path cases, Path copies, String registry, HttpServer server, ServerSocketChannel agent)
    implements AutoCloseable {
  /** Every file's time in a context, 2021-03-04 05:06:07 UTC. */
  private static final String TOUCHED = "1614834367";

  static CaseFiles open(Path cases, Path copies, String registry) throws IOException {
    Files.createDirectories(copies);
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", exchange -> answer(copies, exchange));
    server.start();
    var agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    agent.bind(UnixDomainSocketAddress.of(agentSocket(copies)));
    return new CaseFiles(cases, copies, registry, server, agent);
  }

  private static void answer(Path copies, HttpExchange exchange) throws IOException {
    Path file = copies.resolve(exchange.getRequestURI().getPath().substring(1)).normalize();
    try (exchange) {
      if (!file.startsWith(copies) || !Files.isRegularFile(file)) {
        exchange.sendResponseHeaders(404, -1);
        return;
      }
      byte[] bytes = Files.readAllBytes(file);
      Instant time = Files.getLastModifiedTime(file).toInstant();
      exchange
          .getResponseHeaders()
          .set(
              "Last-Modified",
              DateTimeFormatter.RFC_1123_DATE_TIME.format(time.atOffset(ZoneOffset.UTC)));
      exchange.sendResponseHeaders(200, bytes.length == 0 ? -1 : bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  /** Copies a case's context and runs its script {@code prepare}, if there is one. */
  Path prepare(String name) throws IOException, InterruptedException {
    Path copy = copies.resolve(name);
    Commands.sh(
        """
        set -e; umask 022
        cp -a '%1$s' '%2$s'
        cd '%2$s'
        rm expect
        find . -type d -exec chmod 755 {} +
        find . -type f -perm -100 -exec chmod 755 {} +
        find . -type f ! -perm -100 -exec chmod 644 {} +
        chown -hR 0:0 .
        find . -exec touch -hd @%3$s {} +
        if [ -f prepare ]; then
          mv prepare ../prepare.sh
          WEB='%4$s' REGISTRY='%5$s' sh -eu ../prepare.sh
        fi
        """
            .formatted(cases.resolve(name), copy, TOUCHED, web(name), registry));
    return copy;
  }

  private static Path agentSocket(Path copies) {
    return copies.resolveSibling("agent");
  }

  private String web(String name) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
  }

  /** Replaces {@code {context}}, {@code {web}}, {@code {registry}} and {@code {agent}}. */
  String expand(String name, String text) {
    return text.replace("{registry}", registry)
        .replace("{agent}", agentSocket(copies).toString())
        .replace("{context}", copies.resolve(name).toString())
        .replace("{web}", web(name));
  }

  @Override
  public void close() throws IOException {
    server.stop(0);
    agent.close();
  }
}
