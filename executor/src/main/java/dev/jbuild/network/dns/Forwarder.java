package dev.jbuild.network.dns;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
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

  /**
   * How long a resolver's host that said that nobody listens is believed: it says so only now and
   * then, and each question in between would wait in vain.
   */
  private static final long CLOSED_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final Map<InetSocketAddress, Long> silentSince = new ConcurrentHashMap<>();
  private final Map<InetSocketAddress, Long> closedSince = new ConcurrentHashMap<>();
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
    String outcome = isSince(closedSince, last, CLOSED_NANOS) ? "UNREACHABLE" : "TIMEOUT";
    return refusal == null ? new Reply(null, outcome, text(last)) : refusal;
  }

  private static Reply reply(Answer answer, InetSocketAddress server) {
    return new Reply(answer, Rcode.string(answer.code()), text(server));
  }

  private static String text(InetSocketAddress server) {
    return server.getAddress().getHostAddress();
  }

  private @Nullable Answer askOne(
      InetSocketAddress server, Question question, Exchange exchange, int timeoutMillis) {
    if (isSince(closedSince, server, CLOSED_NANOS)) {
      return null;
    }
    try {
      var answer = exchange.ask(server, question, timeoutMillis);
      silentSince.remove(server);
      return answer;
    } catch (PortUnreachableException | ConnectException e) {
      LOG.log(System.Logger.Level.DEBUG, "nobody listens at {0}", server);
      note(closedSince, server, CLOSED_NANOS);
    } catch (SocketTimeoutException e) {
      LOG.log(System.Logger.Level.DEBUG, "{0} gave no answer in {1} ms", server, timeoutMillis);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, server + " could not be asked", e);
    }
    note(silentSince, server, SILENCE_NANOS);
    return null;
  }

  private List<InetSocketAddress> inOrder(Resolvers resolvers) {
    var servers = new ArrayList<>(resolvers.servers());
    if (resolvers.rotate()) {
      Collections.rotate(servers, turn.incrementAndGet());
    }
    if (servers.size() > 1 && !silentSince.isEmpty()) {
      var silent =
          servers.stream().filter(server -> isSince(silentSince, server, SILENCE_NANOS)).toList();
      servers.removeAll(silent);
      servers.addAll(silent);
    }
    return servers;
  }

  private static boolean isSince(
      Map<InetSocketAddress, Long> noted, InetSocketAddress server, long nanos) {
    var since = noted.get(server);
    return since != null && System.nanoTime() - since < nanos;
  }

  private static void note(
      Map<InetSocketAddress, Long> noted, InetSocketAddress server, long nanos) {
    if (noted.size() >= MAX_SILENT) {
      noted.keySet().removeIf(other -> !isSince(noted, other, nanos));
    }
    if (noted.size() < MAX_SILENT) {
      noted.put(server, System.nanoTime());
    }
  }
}
