package dev.jbuild.linux.libc;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.NetlinkSocket;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/** A netlink socket of this process. */
final class LibcNetlinkSocket implements NetlinkSocket {
  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW = 3;
  private static final int SOCK_CLOEXEC = 02000000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SOL_NETLINK = 270;
  private static final int NETLINK_CAP_ACK = 10;
  private static final int NETLINK_EXT_ACK = 11;
  private static final int MSG_TRUNC = 0x20;
  private static final int ADDRESS_BYTES = 12;
  private static final long WAIT_SECONDS = 5;

  /** How many datagrams of other senders are passed over before we give up. */
  private static final int MAX_FOREIGN = 1000;

  private final Descriptor descriptor;

  private LibcNetlinkSocket(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  static LibcNetlinkSocket open(int protocol) throws IOException {
    try (var frame = new Frame(32)) {
      long number = frame.call(Syscall.SOCKET, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
      if (number < 0) {
        throw frame.failure("open a netlink socket of protocol " + protocol);
      }
      var descriptor = new OpenDescriptor((int) number);
      var timeout = frame.space(16);
      timeout.set(ValueLayout.JAVA_LONG, 0, WAIT_SECONDS);
      long limited =
          frame.call(Syscall.SETSOCKOPT, number, SOL_SOCKET, SO_RCVTIMEO, timeout.address(), 16);
      if (limited < 0) {
        descriptor.close();
        throw frame.failure("limit the wait on a netlink socket");
      }
      // Better error texts; kernels before 4.12 do without.
      var one = frame.space(4);
      one.set(ValueLayout.JAVA_INT, 0, 1);
      frame.call(Syscall.SETSOCKOPT, number, SOL_NETLINK, NETLINK_CAP_ACK, one.address(), 4);
      frame.call(Syscall.SETSOCKOPT, number, SOL_NETLINK, NETLINK_EXT_ACK, one.address(), 4);
      return new LibcNetlinkSocket(descriptor);
    }
  }

  @Override
  public void send(ByteBuffer messages) throws IOException {
    int length = messages.remaining();
    try (var frame = new Frame(ADDRESS_BYTES)) {
      // Port 0, no groups: the kernel.
      var kernel = frame.space(ADDRESS_BYTES);
      kernel.set(ValueLayout.JAVA_SHORT, 0, (short) AF_NETLINK);
      long sent =
          frame.call(
              Syscall.SENDTO,
              descriptor.number(),
              address(messages),
              length,
              0,
              kernel.address(),
              ADDRESS_BYTES);
      if (sent != length) {
        throw frame.failure("send " + length + " bytes to netlink");
      }
    }
  }

  @Override
  public void receive(ByteBuffer datagram) throws IOException {
    datagram.clear();
    try (var frame = new Frame(ADDRESS_BYTES + 8)) {
      var sender = frame.space(ADDRESS_BYTES);
      var senderBytes = frame.space(4);
      for (int i = 0; i < MAX_FOREIGN; i++) {
        senderBytes.set(ValueLayout.JAVA_INT, 0, ADDRESS_BYTES);
        long length =
            frame.call(
                Syscall.RECVFROM,
                descriptor.number(),
                address(datagram),
                datagram.capacity(),
                MSG_TRUNC,
                sender.address(),
                senderBytes.address());
        if (length < 0 && frame.errno() == Errno.EINTR) {
          continue;
        }
        if (length < 0) {
          throw frame.failure("receive from netlink");
        }
        if (sender.get(ValueLayout.JAVA_INT, 4) != 0) {
          continue;
        }
        if (length > datagram.capacity()) {
          throw new ErrnoException("receive from netlink", Errno.EMSGSIZE);
        }
        datagram.limit((int) length);
        return;
      }
      throw new ErrnoException("receive from netlink", Errno.EAGAIN);
    }
  }

  private static long address(ByteBuffer buffer) {
    if (!buffer.isDirect()) {
      throw new IllegalArgumentException("netlink buffer: want a direct one");
    }
    return MemorySegment.ofBuffer(buffer).address();
  }

  @Override
  public void close() {
    descriptor.close();
  }
}
