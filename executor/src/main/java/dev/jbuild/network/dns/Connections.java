package dev.jbuild.network.dns;

import java.net.InetAddress;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The open TCP connections, counted by whose they are. Safe for use by several threads. */
final class Connections {
  static final int MAX_OPEN = 256;
  static final int MAX_EACH = 8;

  private final Map<InetAddress, List<SocketChannel>> open = new HashMap<>();
  private final Map<SocketChannel, Long> writingUntil = new HashMap<>();
  private int count;
  private boolean closed;

  /** False when there are too many. */
  synchronized boolean add(InetAddress from, SocketChannel channel) {
    if (count >= MAX_OPEN) {
      closeStuck();
    }
    var own = open.computeIfAbsent(from, key -> new ArrayList<>());
    if (closed || count >= MAX_OPEN || own.size() >= MAX_EACH) {
      if (own.isEmpty()) {
        open.remove(from);
      }
      return false;
    }
    own.add(channel);
    count++;
    return true;
  }

  /** When a peer that takes no answer has had its time, on the clock of the nanoseconds. */
  synchronized void busyUntil(SocketChannel channel, long deadline) {
    writingUntil.put(channel, deadline);
  }

  /** The peer has taken its answer. */
  synchronized void rests(SocketChannel channel) {
    writingUntil.remove(channel);
  }

  private void closeStuck() {
    long now = System.nanoTime();
    writingUntil.forEach(
        (channel, deadline) -> {
          if (now - deadline > 0) {
            NameServer.closeQuietly(channel);
          }
        });
  }

  synchronized void remove(InetAddress from, SocketChannel channel) {
    writingUntil.remove(channel);
    var own = open.get(from);
    if (own != null && own.remove(channel)) {
      count--;
      if (own.isEmpty()) {
        open.remove(from);
      }
    }
  }

  /** Closes those of one address; each is removed by its own thread. */
  synchronized void closeAll(InetAddress from) {
    open.getOrDefault(from, List.of()).forEach(NameServer::closeQuietly);
  }

  synchronized void close() {
    closed = true;
    open.values().forEach(own -> own.forEach(NameServer::closeQuietly));
  }
}
