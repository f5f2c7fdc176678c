package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.ledger.Lookup;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Which resolver is asked, and whose answer counts. */
final class FailoverTest {
  private static FakeResolver first(FakeResolver.Script script) throws IOException {
    return FakeResolver.start("127.0.0.1", script);
  }

  private static FakeResolver next(String address, FakeResolver first, FakeResolver.Script script)
      throws IOException {
    return FakeResolver.start(address, first.port(), script);
  }

  private static String answer(Stage stage, String name) throws IOException {
    var answer = stage.asker().udp(name, "A");
    assertEquals(Rcode.NOERROR, answer.getRcode());
    return answer.getSection(Section.ANSWER).getFirst().rdataToString();
  }

  private static void nextIsAskedAfter(FakeResolver.Script failing) throws IOException {
    var one = first(failing);
    var two = next("127.0.0.2", one, FakeResolver.records("A 192.0.2.2"));
    try (var stage = new Stage(one, two)) {
      assertEquals("192.0.2.2", answer(stage, "a.example"));
      assertEquals(List.of("udp a.example."), one.asked());
      assertEquals("127.0.0.2", stage.client().lookups().getFirst().resolver());
    }
  }

  @Test
  void theNextIsAskedWhenOneIsSilent() throws IOException {
    nextIsAskedAfter(FakeResolver.silence());
  }

  @Test
  void theNextIsAskedWhenOneFails() throws IOException {
    nextIsAskedAfter(FakeResolver.code(Rcode.SERVFAIL));
  }

  @Test
  void theNextIsAskedWhenOneRefuses() throws IOException {
    nextIsAskedAfter(FakeResolver.code(Rcode.REFUSED));
  }

  @Test
  void theNextIsAskedAtOnceWhereNobodyListens() throws IOException {
    var one = first(FakeResolver.records("A 192.0.2.2"));
    var two = next("127.0.0.2", one, FakeResolver.silence());
    two.close();
    var settings =
        DnsSettings.parse(List.of("127.0.0.2", "127.0.0.1"), List.of(), List.of("timeout:9"));
    try (var stage = new Stage(one);
        var asker = new Asker("127.0.1.2", Stage.GATEWAY, stage.port());
        var client =
            stage
                .server()
                .register(List.of(InetAddress.ofLiteral("127.0.1.2")), settings, NameWatch.NONE)) {
      long start = System.nanoTime();
      assertEquals(Rcode.NOERROR, asker.udp("a.example", "A").getRcode());
      assertEquals("127.0.0.1", client.lookups().getFirst().resolver());
      assertTrue(System.nanoTime() - start < TimeUnit.SECONDS.toNanos(5));
    }
  }

  @Test
  void nobodyListeningIsSaidAndBelievedForAWhile() throws IOException {
    var one = first(FakeResolver.silence());
    int port = one.port();
    try (var stage = new Stage(one)) {
      one.close();
      assertEquals(Rcode.SERVFAIL, stage.asker().udp("a.example", "A").getRcode());
      var again = FakeResolver.start("127.0.0.1", port, FakeResolver.records("A 192.0.2.2"));
      try (again) {
        assertEquals(Rcode.SERVFAIL, stage.asker().udp("b.example", "A").getRcode());
        assertEquals(0, again.count());
      }
      assertEquals(
          List.of("UNREACHABLE", "UNREACHABLE"),
          stage.client().lookups().stream().map(Lookup::outcome).toList());
    }
  }

  @Test
  void noSuchNameIsAnAnswer() throws IOException {
    var one = first(FakeResolver.code(Rcode.NXDOMAIN));
    var two = next("127.0.0.2", one, FakeResolver.records("A 192.0.2.2"));
    try (var stage = new Stage(one, two)) {
      assertEquals(Rcode.NXDOMAIN, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(List.of(), two.asked());
      assertEquals(
          List.of(new Lookup("a.example", "A", List.of(), "NXDOMAIN", "127.0.0.1", 1)),
          stage.client().lookups());
    }
  }

  @Test
  void allSilentIsATimeoutAfterTwoRounds() throws IOException {
    var one = first(FakeResolver.silence());
    var two = next("127.0.0.2", one, FakeResolver.silence());
    try (var stage = new Stage(one, two)) {
      assertEquals(Rcode.SERVFAIL, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(2, one.count());
      assertEquals(2, two.count());
      assertEquals(
          List.of(new Lookup("a.example", "A", List.of(), "TIMEOUT", "127.0.0.2", 1)),
          stage.client().lookups());
    }
  }

  @Test
  void theOptionAttemptsIsHonoured() throws IOException {
    var one = first(FakeResolver.silence());
    try (var stage = new Stage(List.of(one), List.of("attempts:3"), NameWatch.NONE)) {
      assertEquals(Rcode.SERVFAIL, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(3, one.count());
    }
  }

  @Test
  void whoRefusedIsNotAskedAgainAndItsAnswerCounts() throws IOException {
    var one = first(FakeResolver.code(Rcode.REFUSED));
    var two = next("127.0.0.2", one, FakeResolver.silence());
    try (var stage = new Stage(one, two)) {
      assertEquals(Rcode.REFUSED, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(1, one.count());
      assertEquals(2, two.count());
      assertEquals(
          List.of(new Lookup("a.example", "A", List.of(), "REFUSED", "127.0.0.1", 1)),
          stage.client().lookups());
    }
  }

  @Test
  void whoWasSilentIsAskedLastForAWhile() throws IOException {
    var one = first(FakeResolver.silence());
    var two = next("127.0.0.2", one, FakeResolver.records("A 192.0.2.2"));
    try (var stage = new Stage(one, two)) {
      answer(stage, "a.example");
      answer(stage, "b.example");
      assertEquals(List.of("udp a.example."), one.asked());
      assertEquals(List.of("udp a.example.", "udp b.example."), two.asked());
    }
  }

  @Test
  void theOptionRotateTakesTurns() throws IOException {
    var one = first(FakeResolver.records("A 192.0.2.1"));
    var two = next("127.0.0.2", one, FakeResolver.records("A 192.0.2.2"));
    try (var stage = new Stage(List.of(one, two), List.of("rotate"), NameWatch.NONE)) {
      for (int i = 0; i < 6; i++) {
        answer(stage, "n" + i + ".example");
      }
      assertEquals(3, one.count());
      assertEquals(3, two.count());
    }
  }

  @Test
  void anAnswerWithAnotherIdIsIgnored() throws IOException {
    ignored(answer -> answer[0] ^= 1);
  }

  @Test
  void anAnswerToAnotherQuestionIsIgnored() throws IOException {
    ignored(answer -> answer[13] ^= 1);
  }

  @Test
  void anAnswerOfAnotherTypeIsIgnored() throws IOException {
    ignored(answer -> answer[12 + 11 + 1] ^= 1);
  }

  @Test
  void aQuestionIsNoAnswer() throws IOException {
    ignored(answer -> answer[2] &= 0x7f);
  }

  private interface Harm {
    void apply(byte[] answer);
  }

  /** The resolver says something wrong, then what is right. */
  private static void ignored(Harm harm) throws IOException {
    var own = new CompletableFuture<FakeResolver>();
    FakeResolver.Script script =
        (question, tcp) -> {
          byte[] wrong = FakeResolver.answer(question, it -> {}, "A 192.0.2.66").toWire();
          harm.apply(wrong);
          own.join().reply(wrong);
          return FakeResolver.answer(question, it -> {}, "A 192.0.2.1").toWire();
        };
    var resolver = FakeResolver.open("127.0.0.1", 0, script);
    own.complete(resolver);
    resolver.serve();
    try (var stage = new Stage(resolver)) {
      assertEquals("192.0.2.1", answer(stage, "a.example"));
      assertEquals(1, resolver.count());
    }
  }

  @Test
  void anAnswerFromSomebodyElseIsIgnored() throws IOException {
    var own = new CompletableFuture<FakeResolver>();
    FakeResolver.Script script =
        (question, tcp) -> {
          byte[] wrong = FakeResolver.answer(question, it -> {}, "A 192.0.2.66").toWire();
          try (var other = new DatagramSocket(new InetSocketAddress("127.0.0.5", 0))) {
            other.send(new DatagramPacket(wrong, wrong.length, own.join().asker()));
          }
          return FakeResolver.answer(question, it -> {}, "A 192.0.2.1").toWire();
        };
    var resolver = FakeResolver.open("127.0.0.1", 0, script);
    own.complete(resolver);
    resolver.serve();
    try (var stage = new Stage(resolver)) {
      assertEquals("192.0.2.1", answer(stage, "a.example"));
    }
  }

  @Test
  void anAnswerWithoutTheQuestionIsTakenForAFailureOnly() throws IOException {
    FakeResolver.Script script =
        (question, tcp) -> {
          byte[] bare = Arrays.copyOf(question, 12);
          bare[2] |= (byte) 0x80;
          bare[3] = Rcode.FORMERR;
          Arrays.fill(bare, 4, 12, (byte) 0);
          return bare;
        };
    try (var stage = new Stage(first(script))) {
      assertEquals(Rcode.FORMERR, stage.asker().udp("a.example", "A").getRcode());
    }
  }

  @Test
  void aFailoverWorksByTcpToo() throws IOException {
    var one = first((question, tcp) -> new byte[] {1});
    var two = next("127.0.0.2", one, FakeResolver.records("A 192.0.2.2"));
    try (var stage = new Stage(one, two)) {
      var answer = stage.asker().tcp(Asker.question("a.example", "A"));
      assertEquals("192.0.2.2", answer.getSection(Section.ANSWER).getFirst().rdataToString());
      assertEquals(List.of("tcp a.example."), two.asked());
    }
  }
}
