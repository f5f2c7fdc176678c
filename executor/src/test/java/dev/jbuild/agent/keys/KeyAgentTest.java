package dev.jbuild.agent.keys;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.agent.AgentSocket;
import dev.jbuild.process.ProcessRequest.Served;
import dev.jbuild.session.direct.AgentSource;
import dev.jbuild.session.direct.LocalAgents;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that OpenSSH makes, used by OpenSSH through this agent. */
class KeyAgentTest {
  @TempDir Path work;

  private String run(Map<String, String> env, List<String> command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true).directory(work.toFile());
    builder.environment().putAll(env);
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), output);
    return output.strip();
  }

  private Path key(String name, String options) throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/ssh-keygen")), "skipped: ssh-keygen is missing");
    var command = new ArrayList<String>(List.of("ssh-keygen", "-q", "-C", name, "-f", name));
    command.addAll(List.of(options.split(" ", -1)));
    if (!options.contains("-N")) {
      command.addAll(List.of("-N", ""));
    }
    run(Map.of(), command);
    return work.resolve(name);
  }

  private static String failure(Path file) {
    return String.valueOf(
        assertThrows(IOException.class, () -> KeyAgent.of(List.of(file))).getMessage());
  }

  /** {@code ssh-add -T} lets the agent sign, and verifies what it gives. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "-t ed25519",
        "-t rsa -b 2048",
        "-t rsa -b 2048 -m PEM",
        "-t rsa -b 2048 -m PKCS8",
        "-t ecdsa -b 256",
        "-t ecdsa -b 384",
        "-t ecdsa -b 521"
      })
  void theirSignaturesAreGood(String options) throws Exception {
    Path key = key("key", options);
    var agents = new LocalAgents(Map.of("a", new AgentSource.Keys(List.of(key))));
    Path socket = work.resolve("socket");
    Served served = new AgentSocket(agents, "a", Thread.ofVirtual().factory()).listen(socket);
    try {
      Map<String, String> env = Map.of("SSH_AUTH_SOCK", socket.toString());
      String listed = run(env, List.of("ssh-add", "-L"));
      String made = Files.readString(work.resolve("key.pub")).strip();
      assertEquals(withoutComment(made), withoutComment(listed));
      run(env, List.of("ssh-add", "-T", "key.pub"));
    } finally {
      served.close();
    }
  }

  private static String withoutComment(String line) {
    String[] words = line.split(" ", -1);
    return words[0] + " " + words[1];
  }

  @Test
  void severalKeysAreOneAgent() throws Exception {
    KeyAgent agent = KeyAgent.of(List.of(key("one", "-t ed25519"), key("two", "-t ecdsa -b 256")));
    var answer = new SshReader(agent.answer(new byte[] {11}));
    assertEquals(12, answer.take(1)[0]);
    assertEquals(2, answer.number());
    answer.string();
    assertEquals("one", answer.text());
    answer.string();
    assertEquals("two", answer.text());
  }

  @Test
  void nothingElseIsDone() throws Exception {
    KeyAgent agent = KeyAgent.of(List.of(key("key", "-t ed25519")));
    byte[] failure = {5};
    assertArrayEquals(failure, agent.answer(new byte[] {19}), "remove all keys");
    assertArrayEquals(failure, agent.answer(new byte[] {13, 0, 0}), "a cut request");
    byte[] unknown = new SshWriter().octet(13).text("other key").text("data").number(0).bytes();
    assertArrayEquals(failure, agent.answer(unknown), "a key that is not here");
  }

  @Test
  void aRequestMayComeInPieces() throws Exception {
    try (ByteChannel channel = KeyAgent.of(List.of()).connect()) {
      for (byte one : new SshWriter().string(new byte[] {11}).bytes()) {
        channel.write(ByteBuffer.wrap(new byte[] {one}));
      }
      var answer = ByteBuffer.allocate(100);
      assertEquals(9, channel.read(answer));
      assertArrayEquals(new byte[] {0, 0, 0, 5, 12, 0, 0, 0, 0}, Arrays.copyOf(answer.array(), 9));
    }
  }

  @Test
  void aClosedConnectionGivesAndTakesNothing() throws Exception {
    ByteChannel channel = KeyAgent.of(List.of()).connect();
    channel.close();
    assertEquals(-1, channel.read(ByteBuffer.allocate(1)));
    assertThrows(ClosedChannelException.class, () -> channel.write(ByteBuffer.allocate(1)));
  }

  @Test
  void anOverlongRequestEndsTheConnection() throws Exception {
    try (ByteChannel channel = KeyAgent.of(List.of()).connect()) {
      var e =
          assertThrows(
              IOException.class, () -> channel.write(ByteBuffer.wrap(new byte[] {0x7f, 0, 0, 0})));
      assertEquals("ssh agent: a request of 2130706432 bytes", e.getMessage());
    }
  }

  @Test
  void whatIsNoKeyIsNamed() throws Exception {
    Path file = Files.writeString(work.resolve("text"), "hello");
    assertEquals("'" + file + "' is no private key", failure(file));
    String ec = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    Files.writeString(file, ec);
    assertEquals(
        "'"
            + file
            + "' is a key of the form 'EC PRIVATE KEY'; write it in OpenSSH's form with:"
            + " ssh-keygen -p -N '' -f FILE",
        failure(file));
    Files.writeString(file, ec.replace("EC PRIVATE", "OPENSSH PRIVATE"));
    assertEquals("'" + file + "' ends too early", failure(file));
  }

  @Test
  void aPassphraseIsNotAskedFor() throws Exception {
    for (String form : List.of("RFC4716", "PEM")) {
      Path key = key("key" + form, "-t rsa -b 2048 -m " + form + " -N secret");
      assertEquals(
          "'"
              + key
              + "' has a passphrase, which nobody can be asked for: add the key to an agent with"
              + " ssh-add, and give the agent",
          failure(key));
    }
  }

  @Test
  @Timeout(30)
  void whoDoesNotReadHisAnswersMayNotAskOnWithinOneWriteEither() throws Exception {
    int requests = 1_000_000;
    ByteBuffer all = ByteBuffer.allocate(5 * requests);
    while (all.hasRemaining()) {
      all.putInt(1).put((byte) 11); // which keys are there?
    }
    var key = new CountDownLatch(1);
    try (ByteChannel channel = KeyAgent.of(List.of()).connect()) {
      Thread asking =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      channel.write(all.flip());
                      key.countDown();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      ByteBuffer answers = ByteBuffer.allocate(9 * requests);
      assertTrue(channel.read(answers) > 0);
      assertEquals(1, key.getCount(), "most of the requests wait");
      while (answers.hasRemaining()) {
        assertTrue(channel.read(answers) > 0);
      }
      asking.join();
      assertEquals(0, key.getCount());
    }
  }
}
