package dev.jbuild.daemon.storage;

import dev.jbuild.cachemount.DiskUse;
import dev.jbuild.source.local.LocalMirrors;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Received contexts. */
record ContextHolding(LocalMirrors mirrors, UseLog uses) implements Holding {
  private static final String KEY = "context:";

  @Override
  public List<UsageRecord> records(UseLog.Scan scan) throws IOException {
    var records = new ArrayList<UsageRecord>();
    for (LocalMirrors.Kept kept : mirrors.all()) {
      UseLog.Use use = uses.find(KEY + kept.id());
      records.add(
          new UsageRecord(
              kept.id(),
              UsageRecord.Type.LOCAL_SOURCE,
              "local source" + (kept.local().isEmpty() ? "" : " for " + kept.local()),
              DiskUse.of(kept.directory()),
              kept.received(),
              use == null ? null : use.last(),
              use == null ? 0 : use.count(),
              List.of(),
              kept.used(),
              false,
              true));
    }
    return records;
  }

  @Override
  public boolean remove(UsageRecord record, UseLog.Scan scan) throws IOException {
    boolean gone = mirrors.remove(record.id());
    if (gone) {
      uses.forget(KEY + record.id());
    }
    return gone;
  }
}
