package dev.jbuild.network.dns;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.network.TestHost;
import java.io.EOFException;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;

/** Long answers: cut by UDP, whole by TCP. */
final class TcpTest {
  /** 60 addresses take about a thousand bytes. */
  private static final String[] MANY =
      IntStream.range(0, 60).mapToObj(i -> "A 192.0.2." + i).toArray(String[]::new);

  /** 300 take about five thousand. */
  private static final String[] VERY_MANY =
      IntStream.range(0, 300)
          .mapToObj(i -> "A 192.0." + i / 250 + "." + i % 250)
          .toArray(String[]::new);

  private static FakeResolver resolver(FakeResolver.Script script) throws IOException {
    return FakeResolver.start("127.0.0.1", script);
  }

  private static Message question(int udpBytes) throws IOException {
    var question = Asker.question("a.example", "A");
    question.addRecord(new OPTRecord(udpBytes, 0, 0), Section.ADDITIONAL);
    return question;
  }

  @Test
  void theStepRetriesByTcpWhatTheResolverCut() throws IOException {
    FakeResolver.Script script =
        (question, tcp) -> {
          String[] records = tcp ? MANY : new String[0];
          return FakeResolver.answer(
                  question,
                  answer -> {
                    if (!tcp) {
                      answer.getHeader().setFlag(Flags.TC);
                    }
                  },
                  records)
              .toWire(65_535);
        };
    var resolver = resolver(script);
    try (var stage = new Stage(resolver)) {
      var cut = stage.asker().udp("a.example", "A");
      assertTrue(cut.getHeader().getFlag(Flags.TC));
      var whole = stage.asker().tcp(Asker.question("a.example", "A"));
      assertEquals(60, whole.getSection(Section.ANSWER).size());
      assertEquals(List.of("udp a.example.", "tcp a.example."), resolver.asked());
      assertEquals(2, stage.client().lookups().getFirst().count());
      assertEquals(60, stage.client().names().size());
    }
  }

  @Test
  void whatIsLargerThanTheStepTakesIsCut() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.records(MANY)))) {
      var cut = stage.asker().udp("a.example", "A");
      assertTrue(cut.getHeader().getFlag(Flags.TC));
      assertEquals(0, cut.getSection(Section.ANSWER).size());
      assertEquals("a.example.", cut.getQuestion().getName().toString());
      var cutAgain = stage.asker().udp(question(600));
      assertTrue(cutAgain.getHeader().getFlag(Flags.TC));
      assertEquals(4096, cutAgain.getOPT().getPayloadSize());
    }
  }

  @Test
  void whatTheStepTakesByItsExtensionIsWhole() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.records(MANY)))) {
      var whole = stage.asker().udp(question(1232));
      assertFalse(whole.getHeader().getFlag(Flags.TC));
      assertEquals(60, whole.getSection(Section.ANSWER).size());
    }
  }

  @Test
  void moreThanFourKilobytesGoByTcpOnly() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.records(VERY_MANY)))) {
      var cut = stage.asker().udp(question(65_535));
      assertTrue(cut.getHeader().getFlag(Flags.TC));
      var whole = stage.asker().tcp(question(65_535));
      assertEquals(300, whole.getSection(Section.ANSWER).size());
      assertEquals(32, stage.client().lookups().getFirst().answers().size());
    }
  }

  @Test
  void oneConnectionAsksManyQuestions() throws IOException {
    var resolver = resolver(FakeResolver.records("A 192.0.2.1"));
    try (var stage = new Stage(resolver);
        var connection = stage.asker().connect()) {
      for (int i = 0; i < 3; i++) {
        var question = Asker.question("n" + i + ".example", "A");
        Asker.tell(connection, question.toWire());
        var answer = new Message(Asker.hear(connection));
        assertEquals(question.getHeader().getID(), answer.getHeader().getID());
        assertEquals("n" + i + ".example.", answer.getQuestion().getName().toString());
      }
      assertEquals(3, resolver.count());
    }
  }

  @Test
  void silenceOfAllIsAFailureByTcpToo() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.silence()))) {
      var answer = stage.asker().tcp(Asker.question("a.example", "A"));
      assertEquals(Rcode.SERVFAIL, answer.getRcode());
      assertEquals("TIMEOUT", stage.client().lookups().getFirst().outcome());
    }
  }

  @Test
  void theNinthConnectionOfAStepIsClosed() throws IOException {
    var open = new ArrayList<Socket>();
    try (var stage = new Stage(resolver(FakeResolver.records("A 192.0.2.1")))) {
      byte[] question = Asker.question("a.example", "A").toWire();
      for (int i = 0; i < Connections.MAX_EACH; i++) {
        var connection = stage.asker().connect();
        open.add(connection);
        Asker.tell(connection, question);
        Asker.hear(connection);
      }
      try (var ninth = stage.asker().connect()) {
        assertThrows(IOException.class, () -> Asker.hear(ninth));
      }
      open.removeFirst().close();
      TestHost.await("a place is free again", () -> answers(stage, question));
    } finally {
      for (Socket connection : open) {
        connection.close();
      }
    }
  }

  private static boolean answers(Stage stage, byte[] question) {
    try (var connection = stage.asker().connect()) {
      Asker.tell(connection, question);
      return Asker.hear(connection).length > 0;
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void theEndOfAStepEndsItsConnections() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.records("A 192.0.2.1")));
        var connection = stage.asker().connect()) {
      Asker.tell(connection, Asker.question("a.example", "A").toWire());
      Asker.hear(connection);
      stage.client().close();
      assertThrows(EOFException.class, () -> Asker.hear(connection));
    }
  }

  @Test
  void aQuestionLongerThanAnyEndsTheConnection() throws IOException {
    try (var stage = new Stage(resolver(FakeResolver.records("A 192.0.2.1")));
        var connection = stage.asker().connect()) {
      Asker.tell(connection, new byte[Question.MAX_BYTES + 1]);
      assertThrows(IOException.class, () -> Asker.hear(connection));
    }
  }
}
