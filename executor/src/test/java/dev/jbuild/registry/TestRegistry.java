package dev.jbuild.registry;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;

/**
 * A registry on loopback that can lie. Requests are answered from what was put in, unless a trick
 * for the path is waiting; each request is remembered as {@code METHOD path[?query]}.
 */
public final class TestRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Stored> stored = new ConcurrentHashMap<>();
  private final Map<String, Deque<Trick>> tricks = new ConcurrentHashMap<>();
  private final List<Seen> seen = new ArrayList<>();
  private volatile Trick gate = exchange -> false;

  /** A request as it came. */
  public record Seen(String request, String authorization, String range) {}

  private record Stored(String type, Bytes body, Digest digest) {}

  /** Answers in the registry's place, or returns false to let it answer. */
  public interface Trick {
    boolean answer(HttpExchange exchange) throws IOException;
  }

  public TestRegistry() throws IOException {
    this(HttpServer.create(anyPort(), 0));
  }

  private TestRegistry(HttpServer server) {
    this.server = server;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /** One that speaks TLS only. */
  static TestRegistry speakingTls(SSLContext identity) throws IOException {
    HttpsServer server = HttpsServer.create(anyPort(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(identity));
    return new TestRegistry(server);
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  public String url() {
    return "http://" + host();
  }

  /** Stores a manifest under its digest and, unless empty, a tag. */
  public Digest manifest(String repository, String tag, String type, String json) {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    var entry = new Stored(type, Bytes.copyOf(body), Digest.of(body));
    stored.put("/v2/" + repository + "/manifests/" + entry.digest(), entry);
    if (!tag.isEmpty()) {
      stored.put("/v2/" + repository + "/manifests/" + tag, entry);
    }
    return entry.digest();
  }

  public Digest blob(String repository, byte[] body) {
    var entry = new Stored("application/octet-stream", Bytes.copyOf(body), Digest.of(body));
    stored.put("/v2/" + repository + "/blobs/" + entry.digest(), entry);
    return entry.digest();
  }

  /** Waits for the next request of this path; further tricks wait behind it. */
  public void trick(String path, Trick trick) {
    tricks.computeIfAbsent(path, key -> new ArrayDeque<>()).add(trick);
  }

  /** Is asked before each request, for ever. */
  public void gate(Trick trick) {
    gate = trick;
  }

  public List<String> requests() {
    synchronized (seen) {
      return seen.stream().map(Seen::request).toList();
    }
  }

  public List<Seen> seen() {
    synchronized (seen) {
      return List.copyOf(seen);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      synchronized (seen) {
        Headers headers = exchange.getRequestHeaders();
        seen.add(
            new Seen(
                exchange.getRequestMethod() + " " + exchange.getRequestURI(),
                headers.getOrDefault("Authorization", List.of("")).getFirst(),
                headers.getOrDefault("Range", List.of("")).getFirst()));
      }
      String path = exchange.getRequestURI().getPath();
      Deque<Trick> waiting = tricks.getOrDefault(path, new ArrayDeque<>());
      Trick trick;
      synchronized (waiting) {
        trick = waiting.poll();
      }
      if (gate.answer(exchange) || (trick != null && trick.answer(exchange))) {
        return;
      }
      answer(exchange, path);
    }
  }

  private void answer(HttpExchange exchange, String path) throws IOException {
    Stored entry = stored.get(path);
    if (entry == null) {
      send(exchange, 404, "application/json", error("NAME_UNKNOWN", "repository not known"));
      return;
    }
    exchange.getResponseHeaders().set("Docker-Content-Digest", entry.digest().toString());
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range == null) {
      send(exchange, 200, entry.type(), entry.body().toArray());
      return;
    }
    int from = Integer.parseInt(range.substring("bytes=".length(), range.length() - 1));
    int end = entry.body().size();
    exchange
        .getResponseHeaders()
        .set("Content-Range", "bytes " + from + "-" + (end - 1) + "/" + end);
    send(exchange, 206, entry.type(), Arrays.copyOfRange(entry.body().toArray(), from, end));
  }

  public static byte[] error(String code, String message) {
    return ("{\"errors\":[{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}]}")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Answers with a body, which HEAD does not get to see. */
  public static boolean send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
      exchange.sendResponseHeaders(status, -1);
    } else {
      exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
    return true;
  }

  /** Answers with a status and an error document. */
  public static Trick failing(int status, String code, String message) {
    return exchange -> send(exchange, status, "application/json", error(code, message));
  }

  /** Promises a length but closes the connection earlier. */
  public static Trick truncated(byte[] body, int afterBytes) {
    return exchange -> {
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body, 0, afterBytes);
      exchange.getResponseBody().flush();
      exchange.close();
      return true;
    };
  }

  /** Sends this body whatever was asked for. */
  public static Trick lying(String type, byte[] body) {
    return exchange -> send(exchange, 200, type, body);
  }

  /** Sends elsewhere. */
  public static Trick redirect(String location) {
    return exchange -> {
      exchange.getResponseHeaders().set("Location", location);
      exchange.sendResponseHeaders(307, -1);
      return true;
    };
  }

  /** Wants a login before it answers anything. */
  public static Trick basicAuth(String authorization) {
    return exchange -> {
      if (authorization.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        return false;
      }
      exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"test, realm\"");
      return send(exchange, 401, "application/json", error("UNAUTHORIZED", "who are you"));
    };
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
