package dev.jbuild.network.dns;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.concurrent.locks.LockSupport;

/** Takes packets from one socket. */
final class UdpListener implements Closeable {
  private static final System.Logger LOG = System.getLogger(UdpListener.class.getName());

  /** A failure may last, such as having no descriptor left. */
  private static final long PAUSE_NANOS = 10_000_000;

  private final DatagramChannel channel;

  UdpListener(DatagramChannel channel) {
    this.channel = channel;
  }

  /** Until the socket is closed. */
  void run(Questions questions) {
    // One byte more, so that what does not fit is seen to be broken.
    var buffer = ByteBuffer.allocate(Question.MAX_BYTES + 1);
    while (channel.isOpen()) {
      try {
        var from = channel.receive(buffer.clear());
        byte[] bytes = new byte[buffer.flip().remaining()];
        buffer.get(bytes);
        if (from instanceof InetSocketAddress address) {
          questions.take(bytes, address, channel);
        }
      } catch (IOException | RuntimeException e) {
        if (channel.isOpen()) {
          LOG.log(System.Logger.Level.DEBUG, "dns: packet", e);
          LockSupport.parkNanos(PAUSE_NANOS);
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
