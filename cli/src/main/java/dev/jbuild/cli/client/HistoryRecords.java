package dev.jbuild.cli.client;

import dev.jbuild.cli.history.BuildEntry;
import dev.jbuild.cli.history.BuildEntry.State;
import java.util.ArrayList;
import java.util.TreeMap;
import moby.buildkit.v1.BuildHistoryRecord;
import moby.buildkit.v1.Exporter;

/** Reads the history's messages. Source: reference wire-control, section 7. */
final class HistoryRecords {
  private static final int CANCELLED = 1;

  private HistoryRecords() {}

  static BuildEntry entry(BuildHistoryRecord record) {
    var outputs = new ArrayList<BuildEntry.Output>();
    for (Exporter exporter : record.getExportersList()) {
      outputs.add(new BuildEntry.Output(exporter.getType(), new TreeMap<>(exporter.getAttrsMap())));
    }
    return new BuildEntry(
        record.getRef(),
        record.getFrontend(),
        new TreeMap<>(record.getFrontendAttrsMap()),
        outputs,
        state(record),
        GrpcHistory.instant(record.getCreatedAt()),
        record.hasCompletedAt() ? GrpcHistory.instant(record.getCompletedAt()) : null,
        record.getError().getMessage(),
        new BuildEntry.Steps(
            record.getNumTotalSteps(),
            record.getNumCompletedSteps(),
            record.getNumCachedSteps(),
            record.getNumWarnings()),
        record.getPinned(),
        new TreeMap<>(record.getExporterResponseMap()));
  }

  private static State state(BuildHistoryRecord record) {
    if (!record.hasCompletedAt()) {
      return State.RUNNING;
    }
    if (!record.hasError()) {
      return State.COMPLETED;
    }
    return record.getError().getCode() == CANCELLED ? State.CANCELED : State.FAILED;
  }
}
