package dev.jbuild.network.ledger.json;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.NetMode;
import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.network.ledger.Protocol;
import dev.jbuild.network.ledger.Refusal;
import dev.jbuild.network.ledger.Reports;
import dev.jbuild.network.ledger.StepReport;
import dev.jbuild.oci.Digest;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LedgerJsonTest {
  private static final Digest STEP = new Digest("ab".repeat(32));

  private static String text(int omitted, Reports... reports) {
    var steps =
        List.of(reports).stream()
            .map(report -> new StepReport("RUN \"x\"", STEP, report.build()))
            .toList();
    return LedgerJson.write(new BuildLedger.Page(steps, omitted)).toUtf8();
  }

  @Test
  void emptyLedgerIsAnObjectToo() {
    assertEquals("{\"steps\":[],\"omitted\":0}\n", text(0));
  }

  @Test
  void allFieldsAreThereInTheirOrder() {
    assertEquals(
        """
        {"steps":[{"name":"RUN \\"x\\"","digest":"sha256:%s","mode":"sandbox","quiet":false,\
        "lookups":[{"name":"example.org","type":"A","answers":["192.0.2.7"],"outcome":"NOERROR",\
        "resolver":"10.0.0.2","count":1}],\
        "peers":[{"protocol":"tcp","address":"192.0.2.7","port":443,"name":"example.org",\
        "bytesSent":1234,"bytesReceived":3400000,"state":"answered","incoming":false}],\
        "refusals":[{"protocol":"tcp","address":"10.0.0.1","port":25,"name":"","rule":"deny=*",\
        "egress":true,"count":1},\
        {"protocol":"tcp","address":"2001:db8::1","port":80,"name":"","rule":"the host",\
        "egress":false,"count":1},\
        {"protocol":"other","address":"","port":0,"name":"bad.example","rule":"deny=*",\
        "egress":true,"count":1}],\
        "notSeen":["too much at once"]}],"omitted":2}
        """
            .formatted(STEP.hex()),
        text(
            2,
            Reports.in(NetMode.SANDBOX)
                .found("example.org", "A", "192.0.2.7")
                .peer(
                    Protocol.TCP, "192.0.2.7", 443, "example.org", 1234, 3_400_000, State.ANSWERED)
                .refusedName("bad.example", "deny=*")
                .refused(Protocol.TCP, "2001:db8::1", 80, "", Refusal.HOST)
                .refused(Protocol.TCP, "10.0.0.1", 25, "", "deny=*")
                .notSeen("too much at once")));
  }

  @Test
  void quietStepHasEmptyLists() {
    assertEquals(
        "{\"steps\":[{\"name\":\"RUN \\\"x\\\"\",\"digest\":\""
            + STEP
            + "\",\"mode\":\"none\",\"quiet\":true,\"lookups\":[],\"peers\":[],\"refusals\":[],"
            + "\"notSeen\":[]}],\"omitted\":0}\n",
        text(0, Reports.in(NetMode.NONE).quiet().notSeen("")));
  }

  @Test
  void orderOfEntriesDoesNotMatter() {
    assertEquals(
        text(
            0,
            Reports.in(NetMode.HOST)
                .tcp("192.0.2.1", 80, State.SILENT)
                .tcp("192.0.2.2", 80, State.ANSWERED)
                .found("a.example", "A", "192.0.2.1")
                .found("a.example", "AAAA", "2001:db8::1")),
        text(
            0,
            Reports.in(NetMode.HOST)
                .tcp("192.0.2.2", 80, State.ANSWERED)
                .tcp("192.0.2.1", 80, State.SILENT)
                .found("a.example", "AAAA", "2001:db8::1")
                .found("a.example", "A", "192.0.2.1")));
  }
}
