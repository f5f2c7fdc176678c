package dev.jbuild.linux.netlink;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.NetworkKernel;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** What work on the {@link NetworkThread} may use. Only on that thread, only while it runs. */
public final class NetworkScope implements AutoCloseable {
  private static final int NETLINK_ROUTE = 0;
  private static final int NETLINK_NETFILTER = 12;

  /**
   * Calls inside another namespace. Only what opens sockets or files there: a thread that is
   * started meanwhile, also one that the virtual machine starts to carry a virtual thread that was
   * woken, would stay in that namespace.
   */
  public interface Inside<T extends @Nullable Object> {
    T run() throws IOException;
  }

  private final NetworkKernel kernel;
  private final @Nullable Descriptor host;
  private final RouteBatch batch = new RouteBatch();
  private final ByteBuffer replies = Netlink.replyBuffer();
  private @Nullable Descriptor home;
  private @Nullable Netlink links;
  private @Nullable Netlink netfilter;
  private boolean lost;

  NetworkScope(NetworkKernel kernel, @Nullable Descriptor host) {
    this.kernel = kernel;
    this.host = host;
  }

  /** Whether the thread is stuck in a namespace that is not the host's. */
  boolean isLost() {
    return lost;
  }

  /** Goes to the host's namespace, once. */
  void enter() throws IOException {
    home();
  }

  /** An empty batch, valid until the next call of this method. */
  public RouteBatch batch() {
    return batch.clear();
  }

  /** The host's links, addresses and routes. Stays open. */
  public Netlink links() throws IOException {
    if (links == null) {
      links = new Netlink(kernel.openNetlink(NETLINK_ROUTE), replies);
    }
    return links;
  }

  /** The host's packet filter. Stays open. */
  public Netlink netfilter() throws IOException {
    if (netfilter == null) {
      netfilter = new Netlink(kernel.openNetlink(NETLINK_NETFILTER), replies);
    }
    return netfilter;
  }

  /**
   * Another socket to the host's packet filter, which any one thread at a time may use, also while
   * this one works. The caller closes it.
   */
  public Netlink openNetfilter() throws IOException {
    return new Netlink(kernel.openNetlink(NETLINK_NETFILTER), Netlink.replyBuffer());
  }

  /** Opens a group of the host's packet log, for a thread of its own. The caller closes it. */
  public PacketLog openPacketLog(int group) throws IOException {
    return new PacketLog(kernel.openNetlink(NETLINK_NETFILTER), group);
  }

  /** Makes an empty network namespace; the thread is back in the host's when this returns. */
  public MadeNetwork makeNetwork() throws IOException {
    var back = home();
    kernel.newNetwork();
    Descriptor made = null;
    Netlink inside = null;
    try {
      made = kernel.currentNetwork();
      inside = new Netlink(kernel.openNetlink(NETLINK_ROUTE), replies);
    } finally {
      returnTo(back);
      if (inside == null && made != null) {
        made.close();
      }
    }
    return new MadeNetwork(made, inside);
  }

  /** Runs calls inside a namespace. */
  public <T extends @Nullable Object> T inside(Descriptor network, Inside<T> calls)
      throws IOException {
    var back = home();
    kernel.joinNetwork(network);
    try {
      return calls.run();
    } finally {
      returnTo(back);
    }
  }

  /** Opens links, addresses and routes of a namespace. The caller closes it. */
  public Netlink linksOf(Descriptor network) throws IOException {
    return new Netlink(inside(network, () -> kernel.openNetlink(NETLINK_ROUTE)), replies);
  }

  private Descriptor home() throws IOException {
    if (home == null) {
      if (host != null) {
        kernel.joinNetwork(host);
      }
      home = kernel.currentNetwork();
    }
    return home;
  }

  private void returnTo(Descriptor back) throws IOException {
    try {
      kernel.joinNetwork(back);
    } catch (IOException e) {
      lost = true;
      throw e;
    }
  }

  @Override
  public void close() {
    if (links != null) {
      links.close();
    }
    if (netfilter != null) {
      netfilter.close();
    }
    if (home != null) {
      home.close();
    }
  }

  /**
   * A new namespace: its descriptor, which whoever made it keeps or closes, and its links, to be
   * closed when it is set up.
   */
  public record MadeNetwork(Descriptor network, Netlink links) implements AutoCloseable {
    @Override
    public void close() {
      links.close();
    }
  }
}
