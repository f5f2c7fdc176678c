package dev.jbuild.linux.libc;

import static dev.jbuild.linux.libc.Machine.O_CLOEXEC;
import static dev.jbuild.linux.libc.Machine.O_RDONLY;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.NetlinkSocket;
import dev.jbuild.linux.NetworkKernel;
import java.io.IOException;
import java.nio.file.Path;

/** The running kernel's network namespaces, by foreign function calls. Stateless. */
public final class LibcNetworkKernel implements NetworkKernel {
  private static final int CLONE_NEWNET = 0x40000000;

  @Override
  public Descriptor currentNetwork() throws IOException {
    return openNetwork(Path.of("/proc/thread-self/ns/net"));
  }

  @Override
  public Descriptor openNetwork(Path path) throws IOException {
    return new LibcKernel().open(path, O_RDONLY | O_CLOEXEC, 0);
  }

  @Override
  public void newNetwork() throws IOException {
    try (var frame = new Frame(0)) {
      if (frame.call(Syscall.UNSHARE, CLONE_NEWNET, 0) < 0) {
        throw frame.failure("make a network namespace");
      }
    }
  }

  @Override
  public void joinNetwork(Descriptor network) throws IOException {
    try (var frame = new Frame(0)) {
      if (frame.call(Syscall.SETNS, network.number(), CLONE_NEWNET) < 0) {
        throw frame.failure("join a network namespace");
      }
    }
  }

  @Override
  public NetlinkSocket openNetlink(int protocol) throws IOException {
    return LibcNetlinkSocket.open(protocol);
  }
}
