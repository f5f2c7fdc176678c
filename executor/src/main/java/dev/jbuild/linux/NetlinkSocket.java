package dev.jbuild.linux;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A netlink socket. One thread at a time may send, and one may receive meanwhile. Source:
 * netlink(7).
 */
public interface NetlinkSocket extends AutoCloseable {

  /** Sends the bytes between position and limit of a direct buffer as one datagram. */
  void send(ByteBuffer messages) throws IOException;

  /**
   * Waits for the kernel's next datagram and puts it into a direct buffer, from 0 to the limit that
   * this sets. Datagrams of other processes are passed over. Fails with EAGAIN when none comes
   * within five seconds, and with EMSGSIZE when the buffer is too small.
   */
  void receive(ByteBuffer datagram) throws IOException;

  @Override
  void close();
}
