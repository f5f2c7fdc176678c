package dev.jbuild.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;

/**
 * Connections of all registry clients of a process. Nothing is loaded or opened before the first
 * request. Safe for use by several threads.
 */
public final class Http implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(15);
  static final Duration HEADERS = Duration.ofSeconds(60);
  private static final long STALL_SECONDS = 60;

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Tls, HttpClient> clients = new HashMap<>();

  /** Sends one request; redirects are the caller's matter. The caller closes the answer. */
  Answer send(HttpRequest.Builder request, Tls tls) throws IOException, InterruptedException {
    return send(request, tls, HEADERS);
  }

  /**
   * Sends one request.
   *
   * @param limit until the answer's headers are there, after all that is sent
   */
  Answer send(HttpRequest.Builder request, Tls tls, Duration limit)
      throws IOException, InterruptedException {
    HttpRequest asked = request.timeout(limit).build();
    boolean named = asked.headers().firstValue("User-Agent").isPresent();
    HttpRequest ready = named ? asked : request.setHeader("User-Agent", "jbuild").build();
    HttpResponse<InputStream> response =
        client(tls).send(ready, info -> new BodyStream(STALL_SECONDS));
    var headers = new HashMap<String, List<String>>();
    response
        .headers()
        .map()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values));
    return new Answer(ready.method(), ready.uri(), response.statusCode(), headers, response.body());
  }

  private HttpClient client(Tls tls) throws IOException {
    lock.lock();
    try {
      HttpClient known = clients.get(tls);
      if (known != null) {
        return known;
      }
      var builder =
          HttpClient.newBuilder()
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .connectTimeout(CONNECT);
      SSLContext context = tls.context();
      if (context != null) {
        builder.sslContext(context);
      }
      HttpClient made = builder.build();
      clients.put(tls, made);
      return made;
    } finally {
      lock.unlock();
    }
  }

  /** Ends all transfers. */
  @Override
  public void close() {
    lock.lock();
    try {
      clients.values().forEach(HttpClient::shutdownNow);
      clients.clear();
    } finally {
      lock.unlock();
    }
  }
}
