package dev.jbuild.network.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.llb.NetMode;
import dev.jbuild.network.ledger.Peer.State;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import org.junit.jupiter.api.Test;

final class BuildLedgerTest {
  private static final Digest STEP = Bytes.utf8("step").digest();

  private final BuildLedger ledger = new BuildLedger();

  @Test
  void keepsStepsInTheOrderOfTheirEnds() {
    NetworkReport report = Reports.in(NetMode.HOST).build();
    ledger.add("first", STEP, report);
    ledger.add("second", STEP, report);

    assertEquals("second", ledger.page().steps().getLast().name());
    assertEquals(0, ledger.page().omitted());
  }

  @Test
  void stepsAreBounded() {
    NetworkReport report = Reports.in(NetMode.HOST).build();
    for (int i = 0; i < BuildLedger.MAX_STEPS + 3; i++) {
      ledger.add("step", STEP, report);
    }

    assertEquals(BuildLedger.MAX_STEPS, ledger.page().steps().size());
    assertEquals(3, ledger.page().omitted());
  }

  @Test
  void entriesOfAllStepsAreBounded() {
    var large = Reports.in(NetMode.HOST);
    for (int i = 0; i < BuildLedger.MAX_ENTRIES; i++) {
      large.tcp("192.0.2.1", i, State.ANSWERED);
    }
    ledger.add("small", STEP, Reports.in(NetMode.HOST).tcp("192.0.2.1", 1, State.SILENT).build());
    ledger.add("large", STEP, large.build());
    ledger.add("quiet", STEP, Reports.in(NetMode.HOST).quiet().build());

    assertEquals(2, ledger.page().steps().size());
    assertEquals(1, ledger.page().omitted());
  }
}
