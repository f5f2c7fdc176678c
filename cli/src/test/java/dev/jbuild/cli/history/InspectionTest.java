package dev.jbuild.cli.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InspectionTest {

  @Test
  void aBuildIsToldWithWhyAndWithWhom() {
    assertEquals(
        """
        Build:     abc123
        Name:      web
        Status:    Error
        Started:   2026-11-21T08:00:00Z
        Duration:  10.0s
        Steps:     3 of 4, 1 cached
        Frontend:  dockerfile.v0
        Option:    filename=Dockerfile
        Option:    label:x=<b onclick=a()>
        Output:    type=image,name=web
        Granted:   network.host
        Answer:    containerimage.digest=sha256:0

        Error: process "x" did not complete: exit code: 3
          Dockerfile:2
             1 | FROM x
             2 | RUN <oops>
               | ^^^^^^^^^^

        Warnings:
          Dockerfile:1: careful <u>

        Steps:
        #1 [base 1/2] FROM x
            cached, 1.000s, began at +0.000s
        #2 [deps 2/2] RUN "make" && <b>
            ran, 4.000s, began at +1.000s
            network: sandbox, peer tcp 192.0.2.7:443 (a.example): answered, 1.20kB sent, 3B received
            network: sandbox, refused tcp 10.0.0.1:22: steps do not reach the host
        #3 [stage-1 3/4] COPY --from=deps /x /
            failed, 3.000s, began at +6.000s
            why: miss: the op differs
            error: exit code: 3
        #4 [stage-1 4/4] RUN never
            not begun

        Note: A note.
        """,
        new Inspection(Stories.START).of(Stories.failed()));
  }

  @Test
  void programsGetJson() throws OciFormatException {
    String json = StoryJsonText.of(Stories.failed());
    assertTrue(json.contains("\"outcome\": \"not begun\""), json);
    assertTrue(json.contains("\"duration\": 4.000"), json);
    assertEquals(json, JsonText.indented(JsonText.parse(json)));
  }

  @Test
  void theLedgerIsRead() throws OciFormatException {
    String json =
        """
        {"steps":[{"name":"RUN x","digest":"d","mode":"sandbox","quiet":false,
        "lookups":[{"name":"a.example","type":"A","answers":["192.0.2.7"],"outcome":"NOERROR",
        "resolver":"192.0.2.53","count":1}],
        "peers":[{"protocol":"tcp","address":"2001:db8::1","port":443,"name":"a.example",
        "bytesSent":5,"bytesReceived":6,"state":"silent","incoming":false}],
        "refusals":[{"protocol":"tcp","address":"","port":0,"name":"b.example","rule":"deny=*",
        "egress":true,"count":1}],"notSeen":["x"]}],"omitted":0}
        """;
    StepTraffic traffic = StoryJson.network(Bytes.utf8(json)).get("d");
    assertEquals(
        new StepTraffic(
            "sandbox",
            false,
            List.of(
                new StepTraffic.Contact(
                    StepTraffic.Kind.PEER, "tcp [2001:db8::1]:443 (a.example)", "no answer", 5, 6),
                new StepTraffic.Contact(
                    StepTraffic.Kind.NAME, "a.example (A)", "192.0.2.7, told by 192.0.2.53", 0, 0),
                new StepTraffic.Contact(
                    StepTraffic.Kind.REFUSED,
                    "the name b.example",
                    "by the egress rule deny=*",
                    0,
                    0)),
            List.of("x")),
        traffic);
  }

  @Test
  void theTraceIsReadByStep() throws OciFormatException {
    assertEquals(
        Map.of("d", List.of("miss: x", "shared: y"), "e", List.of("hit: z")),
        StoryJson.trace(
            Bytes.utf8(
                "[{\"digest\":\"d\",\"text\":\"miss: x\"},{\"digest\":\"e\",\"text\":\"hit: z\"},"
                    + "{\"digest\":\"d\",\"text\":\"shared: y\"}]")));
  }

  @Test
  void theStageIsTheNameWithoutTheNumber() {
    assertEquals("deps", stage("[deps 2/5] RUN x"));
    assertEquals("linux/arm64 deps", stage("[linux/arm64 deps 2/5] RUN x"));
    assertEquals("build", stage("[2/5] RUN x"));
    assertEquals("internal", stage("[internal] load metadata"));
    assertEquals("export", stage("exporting to image"));
    assertEquals("other", stage("sh -c make"));
  }

  private static String stage(String name) {
    return new StoryStep(
            1,
            "d",
            name,
            List.of(),
            List.of(),
            StoryStep.Outcome.RAN,
            "",
            List.of(),
            "",
            0,
            List.of(),
            null)
        .stage();
  }
}
