package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.netplan.DnsSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;

/** A step that asks more than its share. */
final class FloodTest {
  private static final int PACKETS = 20_000;
  private static final int MAX_OF_ONE_STEP = 256;

  /** Silent for names that begin with {@code flood}. */
  private static final FakeResolver.Script SCRIPT =
      (question, tcp) ->
          question[13] == 'f'
              ? null
              : FakeResolver.answer(question, answer -> {}, "A 192.0.2.1").toWire();

  @Test
  void aFloodIsBoundedAndOthersAreStillAnswered() throws IOException {
    var resolver = FakeResolver.start("127.0.0.1", SCRIPT);
    var settings = List.of("timeout:10", "attempts:1");
    try (var stage = new Stage(List.of(resolver), settings, NameWatch.NONE);
        var other = new Asker("127.0.1.2", Stage.GATEWAY, stage.port());
        var client =
            stage
                .server()
                .register(
                    List.of(InetAddress.ofLiteral("127.0.1.2")),
                    new DnsSettings(List.of(resolver.address()), List.of(), List.of()),
                    NameWatch.NONE)) {
      long threads = threads();
      for (int i = 0; i < PACKETS; i++) {
        stage.asker().send(Asker.question("flood" + i + ".example", "A").toWire());
        if (i % 1_000 == 0) {
          assertEquals(Rcode.NOERROR, other.insist("a" + i + ".example", "A").getRcode());
        }
      }
      long flooded = resolver.asked().stream().filter(it -> it.startsWith("udp flood")).count();
      assertTrue(flooded <= MAX_OF_ONE_STEP, () -> flooded + " questions went out");
      assertTrue(flooded > MAX_OF_ONE_STEP / 2, () -> flooded + " questions went out");
      assertEquals(20, client.lookups().size());
      assertTrue(threads() - threads < 50);
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().size();
  }

  @Test
  void repeatedQuestionsGoOutOnce() throws IOException {
    var resolver = FakeResolver.start("127.0.0.1", SCRIPT);
    var settings = List.of("timeout:10", "attempts:1");
    try (var stage = new Stage(List.of(resolver), settings, NameWatch.NONE);
        var other = new Asker("127.0.1.1", Stage.GATEWAY, stage.port())) {
      byte[] question = Asker.question("flood.example", "A").toWire();
      for (int i = 0; i < PACKETS; i++) {
        stage.asker().send(question);
      }
      assertEquals(Rcode.NOERROR, other.insist("a.example", "A").getRcode());
      assertEquals(List.of("udp flood.example.", "udp a.example."), resolver.asked());
    }
  }

  @Test
  void theJournalIsBounded() throws IOException {
    var journal = new Journal();
    for (int i = 0; i < 3 * Journal.MAX_LOOKUPS; i++) {
      var question = Question.read(Asker.question("n" + i + ".example", "A").toWire());
      if (question != null) {
        journal.add(question, List.of(), "NXDOMAIN", "192.0.2.1", 1);
        journal.refused(question.name(), "deny=*");
        journal.learned(
            question.name(),
            List.of(
                InetAddress.ofLiteral("10.0." + i / 250 + "." + i % 250),
                InetAddress.ofLiteral("10.1." + i / 250 + "." + i % 250)));
      }
    }
    assertEquals(Journal.MAX_LOOKUPS, journal.lookups().size());
    assertEquals(2 * Journal.MAX_LOOKUPS, journal.missed());
    assertEquals(Journal.MAX_REFUSALS, journal.refusals().size());
    assertEquals(Journal.MAX_NAMES, journal.names().size());
  }
}
