package dev.jbuild.agent;

import dev.jbuild.process.ProcessRequest.Listener;
import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.session.SshAgents;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;

/**
 * A socket whose connections lead to one of the session's agents. Bytes are passed on as they are,
 * in both directions, until one side ends.
 *
 * @param threads each connection has two, the socket one; they block
 */
public record AgentSocket(SshAgents agents, String id, ThreadFactory threads) implements Listener {
  private static final System.Logger LOG = System.getLogger(AgentSocket.class.getName());
  private static final int MAX_CONNECTIONS = 64;
  private static final int BUFFER_BYTES = 32 * 1024;

  @Override
  public Served listen(Path path) throws IOException {
    var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      socket.bind(UnixDomainSocketAddress.of(path));
    } catch (IOException failure) {
      socket.close();
      throw failure;
    }
    var server = new Server(socket);
    threads.newThread(server::accept).start();
    return server;
  }

  /** One bound socket. */
  private final class Server implements Served {
    private final ServerSocketChannel socket;
    private final Semaphore room = new Semaphore(MAX_CONNECTIONS);
    private final Set<ByteChannel> open = new HashSet<>(); // guarded by itself
    private boolean closed; // guarded by open

    Server(ServerSocketChannel socket) {
      this.socket = socket;
    }

    private void accept() {
      try {
        while (true) {
          room.acquire();
          SocketChannel step = socket.accept();
          threads.newThread(() -> connection(step)).start();
        }
      } catch (IOException | InterruptedException end) {
        LOG.log(Level.TRACE, "agent socket ends", end);
      }
    }

    private void connection(SocketChannel step) {
      try (step;
          ByteChannel agent = agents.connect(id)) {
        keep(step, agent);
        threads.newThread(() -> pass(agent, step)).start();
        pass(step, agent);
      } catch (IOException | RuntimeException failure) {
        LOG.log(Level.DEBUG, "connection to ssh agent " + id, failure);
      } finally {
        room.release();
      }
    }

    private void keep(ByteChannel step, ByteChannel agent) throws IOException {
      synchronized (open) {
        if (closed) {
          throw new IOException("the step has ended");
        }
        open.add(step);
        open.add(agent);
      }
    }

    /** Passes on what comes until there is no more, then ends both sides. */
    private void pass(ByteChannel from, ByteChannel to) {
      var buffer = ByteBuffer.allocate(BUFFER_BYTES);
      try (from;
          to) {
        while (from.read(buffer) >= 0) {
          buffer.flip();
          while (buffer.hasRemaining()) {
            to.write(buffer);
          }
          buffer.clear();
        }
      } catch (IOException ended) {
        LOG.log(Level.TRACE, "connection to ssh agent " + id + " ends", ended);
      } finally {
        synchronized (open) {
          open.remove(from);
          open.remove(to);
        }
      }
    }

    @Override
    public void close() throws IOException {
      Set<ByteChannel> left;
      synchronized (open) {
        closed = true;
        left = Set.copyOf(open);
      }
      socket.close();
      for (ByteChannel channel : left) {
        channel.close();
      }
    }
  }
}
