package dev.jbuild.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.session.SshAgents;
import dev.jbuild.session.direct.AgentSource;
import dev.jbuild.session.direct.LocalAgents;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AgentSocketTest {
  @TempDir private Path directory;
  private final ThreadFactory threads = Thread.ofVirtual().factory();
  private final ServerSocketChannel agent;

  AgentSocketTest() throws IOException {
    agent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
  }

  /** An agent that answers each message with the same in capitals. */
  @BeforeEach
  void startAgent() throws IOException {
    agent.bind(UnixDomainSocketAddress.of(directory.resolve("agent")));
    threads.newThread(this::serve).start();
  }

  private void serve() {
    try {
      while (true) {
        SocketChannel client = agent.accept();
        threads.newThread(() -> answer(client)).start();
      }
    } catch (IOException ended) {
      // The test is over.
    }
  }

  private static void answer(SocketChannel client) {
    var buffer = ByteBuffer.allocate(100);
    try (client) {
      while (client.read(buffer) >= 0) {
        buffer.flip();
        String text = StandardCharsets.US_ASCII.decode(buffer).toString();
        client.write(StandardCharsets.US_ASCII.encode(text.toUpperCase(Locale.ROOT)));
        buffer.clear();
      }
    } catch (IOException ended) {
      // The client is gone.
    }
  }

  @AfterEach
  void stopAgent() throws IOException {
    agent.close();
  }

  private void withSocket(Work work) throws IOException {
    Served served = socket().listen(directory.resolve("step"));
    try {
      work.run();
    } finally {
      served.close();
    }
  }

  private interface Work {
    void run() throws IOException;
  }

  private AgentSocket socket() {
    SshAgents agents =
        new LocalAgents(Map.of("default", new AgentSource.Socket(directory.resolve("agent"))));
    return new AgentSocket(agents, "default", threads);
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("step")));
  }

  private static String ask(SocketChannel channel, String text) throws IOException {
    channel.write(StandardCharsets.US_ASCII.encode(text));
    var answer = ByteBuffer.allocate(text.length());
    int read;
    do {
      read = channel.read(answer);
    } while (read >= 0 && answer.hasRemaining());
    return StandardCharsets.US_ASCII.decode(answer.flip()).toString();
  }

  @Test
  void messagesAreAnsweredByTheAgent() throws IOException {
    withSocket(
        () -> {
          try (SocketChannel one = connect();
              SocketChannel two = connect()) {
            assertEquals("SIGN", ask(one, "sign"));
            assertEquals("OTHER", ask(two, "other"));
            assertEquals("AGAIN", ask(one, "again"));
          }
        });
  }

  @Test
  void closingEndsConnections() throws IOException {
    var served = socket().listen(directory.resolve("step"));
    try (SocketChannel open = connect()) {
      assertEquals("SIGN", ask(open, "sign"));
      served.close();
      assertEquals(-1, open.read(ByteBuffer.allocate(1)));
      assertFalse(serves());
    }
  }

  /** The kernel may still take a connection that the thread which waited for one then ends. */
  private boolean serves() {
    try (SocketChannel late = connect()) {
      return late.read(ByteBuffer.allocate(1)) >= 0;
    } catch (IOException refused) {
      return false;
    }
  }

  @Test
  void anAgentThatIsGoneEndsTheConnection() throws IOException {
    agent.close();
    Files.delete(directory.resolve("agent"));
    withSocket(
        () -> {
          try (SocketChannel open = connect()) {
            assertEquals(-1, open.read(ByteBuffer.allocate(1)));
          }
        });
  }
}
