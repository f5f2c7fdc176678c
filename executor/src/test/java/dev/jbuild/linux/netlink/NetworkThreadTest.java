package dev.jbuild.linux.netlink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.linux.Descriptor;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.ErrnoException;
import dev.jbuild.linux.NetlinkSocket;
import dev.jbuild.linux.NetworkKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class NetworkThreadTest {
  private final List<String> events = Collections.synchronizedList(new ArrayList<>());
  private final AtomicBoolean locksOut = new AtomicBoolean();
  private final AtomicInteger numbers = new AtomicInteger();

  /** Counts namespaces: 0 is the host's. */
  private final class FakeKernel implements NetworkKernel {
    @Override
    public Descriptor currentNetwork() {
      return new FakeDescriptor(numbers.getAndIncrement());
    }

    @Override
    public Descriptor openNetwork(Path path) {
      return currentNetwork();
    }

    @Override
    public void newNetwork() {
      events.add("new");
    }

    @Override
    public void joinNetwork(Descriptor network) throws IOException {
      if (locksOut.getAndSet(false)) {
        throw new ErrnoException("join a network namespace", Errno.EPERM);
      }
      events.add("join " + network.number());
    }

    @Override
    public NetlinkSocket openNetlink(int protocol) throws IOException {
      throw new ErrnoException("open a netlink socket", Errno.EMFILE);
    }
  }

  private final class FakeDescriptor implements Descriptor {
    private final int number;

    FakeDescriptor(int number) {
      this.number = number;
    }

    @Override
    public int number() {
      return number;
    }

    @Override
    public Path path() {
      return Path.of("/fake/" + number);
    }

    @Override
    public void close() {
      events.add("close " + number);
    }
  }

  private final NetworkThread thread = new NetworkThread(new FakeKernel(), null);

  @Test
  void allWorkRunsOnOnePlatformThread() throws IOException {
    var first = thread.run(scope -> Thread.currentThread());
    assertSame(first, thread.run(scope -> Thread.currentThread()));
    assertTrue(!first.isVirtual());
    thread.close();
  }

  @Test
  void failureLeavesTheThreadAtHomeAndNothingOpen() throws IOException {
    var failure = assertThrows(ErrnoException.class, () -> thread.run(NetworkScope::makeNetwork));
    assertEquals(Errno.EMFILE, failure.errno());
    assertEquals(List.of("new", "join 0", "close 1"), events);
    assertEquals("fine", thread.run(scope -> "fine"));
    thread.close();
  }

  @Test
  void threadThatCannotComeHomeIsReplaced() throws IOException {
    var first = thread.run(scope -> Thread.currentThread());
    var failure =
        assertThrows(
            IOException.class,
            () ->
                thread.run(
                    scope ->
                        scope.inside(
                            new FakeDescriptor(99),
                            () -> {
                              locksOut.set(true);
                              return "done";
                            })));
    assertEquals(
        "network: the thread could not return to the host's namespace", failure.getMessage());
    assertNotSame(first, thread.run(scope -> Thread.currentThread()));
    thread.close();
  }

  @Test
  void interruptIsKeptForLaterAndTheResultIsNotLost() throws IOException {
    Thread.currentThread().interrupt();
    assertEquals("made", thread.run(scope -> "made"));
    assertTrue(Thread.interrupted());
    thread.close();
  }

  @Test
  void bugsOfTheWorkReachTheCallerAlone() throws IOException {
    assertThrows(
        ArithmeticException.class,
        () ->
            thread.run(
                scope -> {
                  throw new ArithmeticException("bug");
                }));
    assertEquals("fine", thread.run(scope -> "fine"));
    thread.close();
  }

  @Test
  void closedThreadTakesNoWork() {
    thread.close();
    thread.close();
    assertThrows(IllegalStateException.class, () -> thread.run(scope -> 1));
  }
}
