package dev.jbuild.export.image;

import com.sun.net.httpserver.HttpExchange;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TestRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A registry that is empty, takes all that is pushed whole, and mounts nothing. */
final class TakingRegistry implements AutoCloseable {
  private final TestRegistry registry = new TestRegistry();
  private final Set<String> taken = ConcurrentHashMap.newKeySet();

  TakingRegistry() throws IOException {
    registry.gate(this::answer);
  }

  private boolean answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    byte[] body = exchange.getRequestBody().readAllBytes();
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        exchange.getResponseHeaders().set("Location", path + "place");
        exchange.sendResponseHeaders(202, -1);
      }
      case "PUT" -> {
        taken.add(path.replaceFirst("/v2/(.*)/(blobs|manifests)/.*", "$1@") + Digest.of(body));
        exchange.sendResponseHeaders(201, -1);
      }
      default -> {
        return false; // not there
      }
    }
    return true;
  }

  String host() {
    return registry.host();
  }

  /** Whether a repository was sent bytes of this digest. */
  boolean has(String repository, String digest) {
    return taken.contains(repository + "@" + digest);
  }

  List<String> requests() {
    return registry.requests();
  }

  @Override
  public String toString() {
    return taken.toString();
  }

  @Override
  public void close() {
    registry.close();
  }
}
