package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/**
 * Asks one resolver after the other until one knows. One that was silent is asked after the others
 * for a while. Safe for use by several threads.
 */
final class Forwarder {
  private static final System.Logger LOG = System.getLogger(Forwarder.class.getName());
  private static final long TOTAL_MILLIS = 20_000;
  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
  private static final int MAX_SILENT = 256;

  private final Map<InetSocketAddress, Long> silentSince = new ConcurrentHashMap<>();
  private final AtomicInteger turn = new AtomicInteger();

  /**
   * What came of a question.
   *
   * @param answer null where there is none to hand on
   * @param outcome as in {@link dev.jbuild.network.ledger.Lookup}
   * @param resolver who was asked last, or empty
   */
  record Reply(@Nullable Answer answer, String outcome, String resolver) {}

  /** Asks; takes at most 20 s and the last resolver's patience. */
  Reply ask(Resolvers resolvers, Question question, Exchange exchange) {
    if (resolvers.servers().isEmpty()) {
      return new Reply(null, "NO RESOLVER", "");
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOTAL_MILLIS);
    Reply refusal = null;
    InetSocketAddress last = resolvers.servers().getFirst();
    List<InetSocketAddress> left = inOrder(resolvers);
    for (int attempt = 0; attempt < resolvers.attempts(); attempt++) {
      var silent = new ArrayList<InetSocketAddress>();
      for (InetSocketAddress server : left) {
        if (System.nanoTime() - deadline > 0) {
          break;
        }
        last = server;
        var answer = askOne(server, question, exchange, resolvers.tryMillis());
        if (answer == null) {
          silent.add(server);
        } else if (answer.isRefusal()) {
          refusal = reply(answer, server);
        } else {
          return reply(answer, server);
        }
      }
      left = silent;
    }
    return refusal == null ? new Reply(null, "TIMEOUT", text(last)) : refusal;
  }

  private static Reply reply(Answer answer, InetSocketAddress server) {
    return new Reply(answer, Rcode.string(answer.code()), text(server));
  }

  private static String text(InetSocketAddress server) {
    return server.getAddress().getHostAddress();
  }

  private @Nullable Answer askOne(
      InetSocketAddress server, Question question, Exchange exchange, int timeoutMillis) {
    try {
      var answer = exchange.ask(server, question, timeoutMillis);
      silentSince.remove(server);
      return answer;
    } catch (SocketTimeoutException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} gave no answer in {1} ms", server, timeoutMillis);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, server + " could not be asked", e);
    }
    noteSilence(server);
    return null;
  }

  private List<InetSocketAddress> inOrder(Resolvers resolvers) {
    var servers = new ArrayList<>(resolvers.servers());
    if (resolvers.rotate()) {
      Collections.rotate(servers, turn.incrementAndGet());
    }
    if (servers.size() > 1 && !silentSince.isEmpty()) {
      var silent = servers.stream().filter(this::isSilent).toList();
      servers.removeAll(silent);
      servers.addAll(silent);
    }
    return servers;
  }

  private boolean isSilent(InetSocketAddress server) {
    var since = silentSince.get(server);
    return since != null && System.nanoTime() - since < SILENCE_NANOS;
  }

  private void noteSilence(InetSocketAddress server) {
    if (silentSince.size() >= MAX_SILENT) {
      silentSince.keySet().removeIf(other -> !isSilent(other));
    }
    if (silentSince.size() < MAX_SILENT) {
      silentSince.put(server, System.nanoTime());
    }
  }
}
