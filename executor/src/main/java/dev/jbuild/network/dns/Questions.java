package dev.jbuild.network.dns;

import dev.jbuild.network.dns.Flights.Waiter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SocketChannel;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Rcode;

/** Brings questions to the step they come from, each on a thread of its own. */
final class Questions {
  private static final System.Logger LOG = System.getLogger(Questions.class.getName());
  private static final int MAX_AT_ONCE = 1024;

  /** How long a connection may rest, and how long one message may take. */
  private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Map<InetAddress, NameClient> clients;
  private final Connections connections;
  private final Semaphore permits = new Semaphore(MAX_AT_ONCE);

  Questions(Map<InetAddress, NameClient> clients, Connections connections) {
    this.clients = clients;
    this.connections = connections;
  }

  /** A packet; does not wait. */
  void take(byte[] bytes, InetSocketAddress from, DatagramChannel channel) {
    var client = clients.get(from.getAddress());
    if (client == null) {
      var question = Question.read(bytes);
      if (question != null) {
        new Waiter(channel, from, question.id()).send(stranger(question));
      }
      return;
    }
    if (!client.permits().tryAcquire()) {
      return;
    }
    if (!permits.tryAcquire()) {
      client.permits().release();
      return;
    }
    Thread.ofVirtual().name("dns").start(() -> answer(client, bytes, from, channel));
  }

  private static byte[] stranger(Question question) {
    int code = question.errorCode();
    return question.failure(code == Rcode.NOERROR ? Rcode.REFUSED : code);
  }

  private void answer(
      NameClient client, byte[] bytes, InetSocketAddress from, DatagramChannel channel) {
    try {
      var question = Question.read(bytes);
      if (question != null) {
        client.answer(question, new Waiter(channel, from, question.id()));
      }
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "dns: a question is not answered", bug);
    } finally {
      permits.release();
      client.permits().release();
    }
  }

  /** A connection, which is closed in the end; does not wait. */
  void take(SocketChannel channel, InetAddress from) {
    if (connections.add(from, channel)) {
      Thread.ofVirtual().name("dns").start(() -> converse(channel, from));
    } else {
      NameServer.closeQuietly(channel);
    }
  }

  private void converse(SocketChannel channel, InetAddress from) {
    var messages = new MessageStream(channel);
    try {
      byte[] answer = answer(messages, from);
      while (answer != null) {
        connections.busyUntil(channel, System.nanoTime() + IDLE_NANOS);
        messages.write(answer);
        connections.rests(channel);
        answer = answer(messages, from);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "dns: connection of " + from, e);
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "dns: a connection is given up", bug);
    } finally {
      connections.remove(from, channel);
      NameServer.closeQuietly(channel);
    }
  }

  private byte @Nullable [] answer(MessageStream messages, InetAddress from) throws IOException {
    byte[] bytes = messages.read(Question.MAX_BYTES, System.nanoTime() + IDLE_NANOS);
    var question = bytes == null ? null : Question.read(bytes);
    if (question == null) {
      return null;
    }
    var client = clients.get(from);
    return client == null ? stranger(question) : client.answer(question);
  }
}
