package dev.jbuild.cli.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.jbuild.cli.progress.BuildEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import moby.buildkit.v1.StatusResponse;
import moby.buildkit.v1.Vertex;
import moby.buildkit.v1.VertexLog;
import moby.buildkit.v1.VertexStatus;
import org.junit.jupiter.api.Test;

class EventDecoderTest {
  private final EventDecoder decoder = new EventDecoder();

  private static Timestamp time(long seconds) {
    return Timestamp.newBuilder().setSeconds(seconds).build();
  }

  private static Vertex.Builder started(String digest) {
    return Vertex.newBuilder().setDigest(digest).setName(digest).setStarted(time(1));
  }

  private static VertexLog log(String digest, byte[] bytes) {
    return VertexLog.newBuilder()
        .setVertex(digest)
        .setStream(1)
        .setTimestamp(time(2))
        .setMsg(ByteString.copyFrom(bytes))
        .build();
  }

  private List<String> shown(StatusResponse.Builder message) {
    var shown = new ArrayList<String>();
    for (BuildEvent event : decoder.decode(message.build())) {
      shown.add(
          switch (event) {
            case BuildEvent.StepState state ->
                state.digest() + (state.completed() != null ? " ends" : " starts") + state.error();
            case BuildEvent.Output output -> output.digest() + " prints " + output.text();
            case BuildEvent.Task task -> task.digest() + " does " + task.id();
            case BuildEvent.Warning warning -> "warning " + warning.text();
          });
    }
    return shown;
  }

  @Test
  void whatAStepDidComesBetweenItsStartAndItsEnd() {
    assertEquals(
        List.of("a starts", "a does t", "a prints x\n", "a ends: no", "b starts", "b prints y\n"),
        shown(
            StatusResponse.newBuilder()
                .addVertexes(started("a").setCompleted(time(3)).setError(": no"))
                .addVertexes(started("b"))
                .addLogs(log("b", "y\n".getBytes(StandardCharsets.UTF_8)))
                .addLogs(log("a", "x\n".getBytes(StandardCharsets.UTF_8)))
                .addStatuses(VertexStatus.newBuilder().setVertex("a").setID("t"))));
  }

  @Test
  void charactersThatAreSplitBetweenMessagesStayWhole() {
    byte[] euro = "€".getBytes(StandardCharsets.UTF_8);
    assertEquals(
        List.of("a prints "),
        shown(StatusResponse.newBuilder().addLogs(log("a", new byte[] {euro[0], euro[1]}))));
    assertEquals(
        List.of("a prints €!"),
        shown(StatusResponse.newBuilder().addLogs(log("a", new byte[] {euro[2], '!'}))));
  }

  @Test
  void bytesThatAreNoTextAreReplaced() {
    assertEquals(
        List.of("a prints \ufffdx"),
        shown(StatusResponse.newBuilder().addLogs(log("a", new byte[] {(byte) 0xff, 'x'}))));
  }
}
