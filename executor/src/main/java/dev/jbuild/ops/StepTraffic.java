package dev.jbuild.ops;

import dev.jbuild.llb.Definition.EncodedOp;
import dev.jbuild.network.NetworkHandle;
import dev.jbuild.network.diagnosis.Diagnosis;
import dev.jbuild.network.ledger.BuildLedger;
import dev.jbuild.network.ledger.NetworkReport;
import dev.jbuild.network.ledger.ReportLines;
import java.io.IOException;

/** What becomes of that which was seen of a step's traffic. */
record StepTraffic(EncodedOp op, BuildLedger ledger, Diagnosis diagnosis) {

  /** Notes it in the build's ledger and shows it in the step's log. */
  NetworkReport told(NetworkHandle network, StepLogs logs) {
    NetworkReport report = read(network);
    ledger.add(op.displayName(), op.digest(), report);
    logs.lines(ReportLines.of(report));
    return report;
  }

  /** A step does not fail because it could not be watched. */
  static NetworkReport read(NetworkHandle network) {
    try {
      return network.report();
    } catch (IOException e) {
      return NetworkReport.unseen(
          network.mode(), "the step's traffic could not be read: " + e.getMessage());
    }
  }

  /** Lines to put behind the text of the step's failure; empty without evidence. */
  String hints(NetworkReport report, NetworkHandle network) {
    var text = new StringBuilder();
    diagnosis
        .hints(report, network.hostPorts())
        .forEach(hint -> text.append("\nhint: ").append(hint));
    return text.toString();
  }
}
