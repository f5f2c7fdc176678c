package dev.jbuild.network.dns;

import dev.jbuild.linux.netlink.NetworkThread;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Where the host is a namespace of its own, as tests have it: each socket costs a trip to the
 * thread that is in there.
 */
public final class NamespaceSockets implements HostSockets {
  private final NetworkThread thread;

  /**
   * @param thread stays the caller's
   */
  public NamespaceSockets(NetworkThread thread) {
    this.thread = thread;
  }

  @Override
  public DatagramChannel datagram(ProtocolFamily family) throws IOException {
    return open(() -> DatagramChannel.open(family));
  }

  @Override
  public SocketChannel stream(ProtocolFamily family) throws IOException {
    return open(() -> SocketChannel.open(family));
  }

  @Override
  public ServerSocketChannel server(ProtocolFamily family) throws IOException {
    return open(() -> ServerSocketChannel.open(family));
  }

  private interface Opening<T> {
    T open() throws IOException;
  }

  /**
   * A platform thread waits: where a virtual one did, waking it could make the network thread start
   * a carrier of virtual threads, which would stay in that namespace and take others along.
   */
  private <T> T open(Opening<T> opening) throws IOException {
    var task = new FutureTask<T>(() -> thread.run(scope -> opening.open()));
    Thread.ofPlatform().daemon().name("dns-socket").start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while a socket was opened");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    }
  }
}
