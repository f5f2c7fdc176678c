package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.netplan.DnsSettings;
import dev.jbuild.network.TestHost;
import dev.jbuild.network.ledger.Lookup;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Opcode;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** What a step is answered by UDP, with resolvers on loopback. */
final class NameServerTest {
  private static String first(Message answer) {
    return answer.getSection(Section.ANSWER).getFirst().rdataToString();
  }

  @Test
  void theResolversAnswerComesBackAndIsNoted() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.7");
    try (var stage = new Stage(resolver)) {
      var answer = stage.asker().udp("www.Example.org", "A");
      assertEquals(Rcode.NOERROR, answer.getRcode());
      assertEquals("192.0.2.7", first(answer));
      assertEquals(
          List.of(
              new Lookup("www.example.org", "A", List.of("192.0.2.7"), "NOERROR", "127.0.0.1", 1)),
          stage.client().lookups());
      assertEquals(
          Map.of(InetAddress.ofLiteral("192.0.2.7"), "www.example.org"), stage.client().names());
      assertEquals(List.of("udp www.Example.org."), resolver.asked());
    }
  }

  @Test
  void aliasesInACircleEnd() throws IOException {
    try (var stage =
        new Stage(FakeResolver.onLoopback("CNAME b.example.", "b.example. CNAME a.example."))) {
      assertEquals(Rcode.NOERROR, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(List.of(), stage.client().lookups().getFirst().answers());
    }
  }

  @Test
  void otherTypesAreNotedAsTheySay() throws IOException {
    try (var stage = new Stage(FakeResolver.onLoopback("MX 10 mail.example.", "TXT \"hello\""))) {
      stage.asker().udp("a.example", "MX");
      stage.asker().udp("a.example", "TXT");
      assertEquals(
          List.of(
              new Lookup("a.example", "MX", List.of("10 mail.example"), "NOERROR", "127.0.0.1", 1),
              new Lookup("a.example", "TXT", List.of("hello"), "NOERROR", "127.0.0.1", 1)),
          stage.client().lookups());
    }
  }

  @Test
  void strangersAreRefused() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.1");
    try (var stage = new Stage(resolver);
        var stranger = new Asker(Stage.STRANGER, Stage.GATEWAY, stage.port())) {
      assertEquals(Rcode.REFUSED, stranger.udp("a.example", "A").getRcode());
      assertEquals(Rcode.REFUSED, stranger.tcp(Asker.question("a.example", "A")).getRcode());
      assertEquals(List.of(), resolver.asked());
    }
  }

  @Test
  void aClosedStepIsAStranger() throws IOException {
    try (var stage = new Stage(FakeResolver.onLoopback("A 192.0.2.1"))) {
      stage.client().close();
      assertEquals(Rcode.REFUSED, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(List.of(), stage.client().lookups());
    }
  }

  @Test
  void twoStepsWithOneAddressAreABug() throws IOException {
    try (var stage = new Stage()) {
      var address = InetAddress.ofLiteral(Stage.STEP);
      var other = InetAddress.ofLiteral("127.0.1.3");
      var thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  stage
                      .server()
                      .register(List.of(other, address), DnsSettings.NONE, NameWatch.NONE));
      assertEquals("two steps at once have the address /127.0.1.1", thrown.getMessage());
      stage.server().register(List.of(other), DnsSettings.NONE, NameWatch.NONE).close();
    }
  }

  @Test
  void withoutResolverTheStepIsToldAtOnce() throws IOException {
    try (var stage = new Stage()) {
      assertEquals(Rcode.SERVFAIL, stage.asker().udp("a.example", "A").getRcode());
      assertEquals(
          List.of(new Lookup("a.example", "A", List.of(), "NO RESOLVER", "", 1)),
          stage.client().lookups());
      assertEquals(
          "# no resolver: neither the build nor jbuild's configuration nor the host's /nonexistent"
              + " names one, so no name is found\nnameserver 127.0.0.1\n",
          stage.client().resolvConf());
    }
  }

  @Test
  void whatTheStepSentIsForwardedUnderAnotherId() throws IOException {
    var heard = new CopyOnWriteArrayList<byte[]>();
    FakeResolver.Script script =
        (question, tcp) -> {
          heard.add(question);
          return FakeResolver.answer(question, answer -> {}, "A 192.0.2.1").toWire();
        };
    try (var stage = new Stage(FakeResolver.start("127.0.0.1", script))) {
      var question = Asker.question("a.example", "A");
      question.addRecord(new OPTRecord(1400, 0, 0, 0x8000), Section.ADDITIONAL);
      for (int id : new int[] {7, 8, 9}) {
        question.getHeader().setID(id);
        assertEquals(id, stage.asker().udp(question).getHeader().getID());
      }
      byte[] sent = question.toWire();
      byte[] forwarded = heard.getLast();
      assertArrayEquals(
          Arrays.copyOfRange(sent, 2, sent.length),
          Arrays.copyOfRange(forwarded, 2, forwarded.length));
      var ids = heard.stream().map(bytes -> (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff)).toList();
      assertNotEquals(List.of(7, 8, 9), ids);
    }
  }

  @Test
  void aQuestionThatIsBeingAskedIsNotAskedAgain() throws Exception {
    var go = new CountDownLatch(1);
    FakeResolver.Script script =
        (question, tcp) -> {
          if (question[13] == 'a') {
            hold(go);
          }
          return FakeResolver.answer(question, answer -> {}, "A 192.0.2.1").toWire();
        };
    var resolver = FakeResolver.start("127.0.0.1", script);
    try (var stage = new Stage(List.of(resolver), List.of("timeout:5"), NameWatch.NONE);
        var second = new Asker(Stage.STEP, Stage.GATEWAY, stage.port())) {
      var question = Asker.question("a.example", "A");
      question.getHeader().setID(1);
      for (int i = 0; i < 20; i++) {
        stage.asker().send(question.toWire());
      }
      question.getHeader().setID(2);
      second.send(question.toWire());
      // Packets are taken one after the other: with the last one answered, all have begun.
      assertEquals("b.example.", second.udp("b.example", "A").getQuestion().getName().toString());
      TestHost.await(
          "only the first is left", () -> stage.client().permits().availablePermits() == 255);
      go.countDown();
      assertEquals(1, new Message(stage.asker().receive()).getHeader().getID());
      assertEquals(2, new Message(second.receive()).getHeader().getID());
      // Each is asked by a thread of its own.
      assertEquals(
          List.of("udp a.example.", "udp b.example."), resolver.asked().stream().sorted().toList());
      assertEquals(21, count(stage.client(), "a.example"));
    }
  }

  private static int count(NameClient client, String name) {
    return client.lookups().stream()
        .filter(lookup -> lookup.name().equals(name))
        .mapToInt(Lookup::count)
        .sum();
  }

  private static void hold(CountDownLatch latch) {
    try {
      latch.await(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void brokenQuestionsAreFormErrorsAndLessThanAHeaderIsDropped() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.1");
    try (var stage = new Stage(resolver)) {
      stage.asker().send(new byte[] {1, 2, 3});
      byte[] cut = Asker.question("a.example", "A").toWire();
      stage.asker().send(Arrays.copyOf(cut, 20));
      var answer = new Message(stage.asker().receive());
      assertEquals(Rcode.FORMERR, answer.getRcode());
      assertEquals((cut[0] & 0xff) << 8 | (cut[1] & 0xff), answer.getHeader().getID());
      assertEquals(List.of(), resolver.asked());
      assertEquals(List.of(), stage.client().lookups());
    }
  }

  @Test
  void answersAreNotAnswered() throws IOException {
    try (var stage = new Stage(FakeResolver.onLoopback("A 192.0.2.1"))) {
      byte[] loop = Asker.question("loop.example", "A").toWire();
      loop[2] |= (byte) 0x80;
      stage.asker().send(loop);
      var answer = stage.asker().udp("a.example", "A");
      assertEquals("a.example.", answer.getQuestion().getName().toString());
    }
  }

  @Test
  void updatesAndTransfersAreNotForwarded() throws IOException {
    var resolver = FakeResolver.onLoopback("A 192.0.2.1");
    try (var stage = new Stage(resolver)) {
      var update = Asker.question("a.example", "SOA");
      update.getHeader().setOpcode(Opcode.UPDATE);
      assertEquals(Rcode.NOTIMP, stage.asker().udp(update).getRcode());
      assertEquals(Rcode.NOTIMP, stage.asker().udp("a.example", "AXFR").getRcode());
      assertEquals(List.of(), resolver.asked());
    }
  }

  @Test
  void bothFamiliesAreServedAtOnePort() throws IOException {
    var six = InetAddress.ofLiteral("::1");
    try (var resolver = FakeResolver.start("::1", FakeResolver.records("AAAA 2001:db8::1"));
        var server = Stage.server(Path.of("/x"), DnsSettings.NONE, resolver.port())) {
      int port = server.listen(List.of(Stage.GATEWAY, six));
      var settings = new DnsSettings(List.of(six), List.of(), List.of());
      var step = List.of(InetAddress.ofLiteral(Stage.STEP), six);
      try (var client = server.register(step, settings, NameWatch.NONE);
          var overFour = new Asker(Stage.STEP, Stage.GATEWAY, port);
          var overSix = new Asker("::1", six, port)) {
        assertEquals("2001:db8:0:0:0:0:0:1", first(overFour.udp("a.example", "AAAA")));
        assertEquals("2001:db8:0:0:0:0:0:1", first(overSix.udp("a.example", "AAAA")));
        assertEquals(
            "2001:db8:0:0:0:0:0:1", first(overSix.tcp(Asker.question("a.example", "AAAA"))));
        assertEquals(
            List.of(
                new Lookup(
                    "a.example",
                    "AAAA",
                    List.of("2001:db8:0:0:0:0:0:1"),
                    "NOERROR",
                    "0:0:0:0:0:0:0:1",
                    3)),
            client.lookups());
      }
    }
  }
}
