package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.TestHost;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/**
 * Whatever comes from steps and resolvers. The seed is that of the system property {@code
 * jbuild.seed} or a new one, and is in the failure's text.
 */
final class BrokenPacketsTest {
  private static final long SEED = Long.getLong("jbuild.seed", System.nanoTime());

  private final Random random = new Random(SEED);

  private static byte[] goodQuestion() throws IOException {
    var question = Asker.question("some.long.name.example", "AAAA");
    question.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
    return question.toWire();
  }

  private static byte[] goodAnswer(byte[] question) throws IOException {
    return FakeResolver.answer(
            question,
            answer -> {},
            "CNAME other.example.",
            "other.example. AAAA 2001:db8::1",
            "other.example. A 192.0.2.1",
            "MX 10 mail.example.",
            "TXT \"words\"",
            "SRV 1 2 3 other.example.")
        .toWire();
  }

  /** Some bits flipped, some bytes set to what lengths and pointers dislike, cut or continued. */
  private byte[] harm(byte[] good) {
    byte[] bad = good.clone();
    int harms = 1 + random.nextInt(4);
    for (int i = 0; i < harms && bad.length > 0; i++) {
      int at = random.nextInt(bad.length);
      switch (random.nextInt(6)) {
        case 0 -> bad[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bad[at] = (byte) 0xc0;
        case 2 -> bad[at] = (byte) 0xff;
        case 3 -> bad[at] = (byte) random.nextInt(256);
        case 4 -> bad = Arrays.copyOf(bad, at);
        case 5 -> bad = Arrays.copyOf(bad, bad.length + random.nextInt(64));
        default -> throw new AssertionError();
      }
    }
    return bad;
  }

  private byte[] noise() {
    byte[] bytes = new byte[random.nextInt(600)];
    random.nextBytes(bytes);
    return bytes;
  }

  private byte[] packet(byte[] good) {
    return random.nextInt(8) == 0 ? noise() : harm(good);
  }

  @Test
  void readingNeverThrowsAndOwnAnswersCanBeRead() {
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          byte[] asked = goodQuestion();
          byte[] good = goodAnswer(asked);
          var question = Question.read(asked);
          for (int i = 0; i < 50_000; i++) {
            byte[] packet = packet(asked);
            var read = Question.read(packet);
            if (read != null) {
              var failure = new Message(read.failure(Rcode.SERVFAIL));
              assertEquals(read.id(), failure.getHeader().getID());
              var answer = Answer.read(read, read.truncated(read.failure(Rcode.NOERROR)));
              assertTrue(answer.isTruncated());
            }
            byte[] bad = packet(good);
            if (question != null && question.isAnsweredBy(bad, question.id())) {
              var answer = Answer.read(question, bad);
              assertTrue(answer.values().size() <= 32);
              assertTrue(answer.ttlSeconds() >= 0);
            }
          }
        },
        () -> "seed " + SEED);
  }

  @Test
  void aServerFedWithBrokenPacketsStillAnswers() {
    var harmful = new AtomicBoolean(true);
    FakeResolver.Script script =
        (question, tcp) -> {
          byte[] good = goodAnswer(question);
          if (!harmful.get()) {
            return good;
          }
          synchronized (random) {
            return packet(good);
          }
        };
    assertTimeoutPreemptively(
        Duration.ofSeconds(90), () -> feed(script, harmful), () -> "seed " + SEED);
  }

  private void feed(FakeResolver.Script script, AtomicBoolean harmful) throws IOException {
    var resolver = FakeResolver.start("127.0.0.1", script);
    try (var stage = new Stage(List.of(resolver), List.of("attempts:1"), NameWatch.NONE)) {
      byte[] good = goodQuestion();
      for (int i = 0; i < 3_000; i++) {
        synchronized (random) {
          stage.asker().send(random.nextBoolean() ? packet(good) : good);
        }
        if (i % 20 == 0) {
          feedConnection(stage, good);
        }
      }
      harmful.set(false);
      TestHost.await("good questions are answered", () -> isAnswered(stage));
      assertTrue(stage.client().lookups().size() <= Journal.MAX_LOOKUPS);
    }
  }

  private void feedConnection(Stage stage, byte[] good) throws IOException {
    try (Socket connection = stage.asker().connect()) {
      byte[] bytes;
      synchronized (random) {
        bytes = random.nextBoolean() ? harm(good) : noise();
      }
      if (random.nextBoolean()) {
        connection.getOutputStream().write(bytes);
      } else {
        Asker.tell(connection, bytes);
      }
    }
  }

  private static boolean isAnswered(Stage stage) {
    try (var asker = new Asker(Stage.STEP, Stage.GATEWAY, stage.port())) {
      var udp = asker.insist("good.example", "AAAA");
      var tcp = asker.tcp(Asker.question("good.example", "AAAA"));
      return udp.getRcode() == Rcode.NOERROR && tcp.getRcode() == Rcode.NOERROR;
    } catch (IOException e) {
      return false;
    }
  }
}
