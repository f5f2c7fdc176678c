package dev.jbuild.linux;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Calls about network namespaces. They change or look at the calling thread alone, so only a
 * platform thread of one's own may make them (see {@code netlink.NetworkThread}); a namespace that
 * a pooled or carrier thread is left in would be somebody else's network. Errors are {@link
 * ErrnoException}.
 */
public interface NetworkKernel {

  /** Opens the calling thread's network namespace. The caller closes it. */
  Descriptor currentNetwork() throws IOException;

  /**
   * Opens the network namespace that a path such as {@code /proc/1/ns/net} stands for. The caller
   * closes it.
   */
  Descriptor openNetwork(Path path) throws IOException;

  /** Puts the calling thread into a new, empty network namespace: {@code unshare(2)}. */
  void newNetwork() throws IOException;

  /** Puts the calling thread into an open network namespace: {@code setns(2)}. */
  void joinNetwork(Descriptor network) throws IOException;

  /**
   * Opens a netlink socket in the calling thread's network namespace; it stays there whoever uses
   * it later. The caller closes it.
   *
   * @param protocol {@code NETLINK_ROUTE} (0), {@code NETLINK_NETFILTER} (12)
   */
  NetlinkSocket openNetlink(int protocol) throws IOException;
}
