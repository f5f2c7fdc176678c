package dev.jbuild.daemon.storage;

import dev.jbuild.cachemount.CacheMounts;
import dev.jbuild.cachemount.CacheRecord;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Directories of cache mounts. */
record CacheMountHolding(CacheMounts mounts) implements Holding {

  @Override
  public List<UsageRecord> records(UseLog.Scan scan) throws IOException {
    var records = new ArrayList<UsageRecord>();
    for (Map.Entry<String, CacheRecord> entry : mounts.all().entrySet()) {
      CacheRecord record = entry.getValue();
      records.add(
          new UsageRecord(
              entry.getKey(),
              UsageRecord.Type.CACHE_MOUNT,
              "cached mount" + (record.id().isEmpty() ? "" : " with id \"" + record.id() + "\""),
              mounts.sizeBytes(entry.getKey()),
              record.created(),
              record.lastUsed(),
              record.uses(),
              List.of(),
              mounts.isUsed(entry.getKey()),
              false,
              true));
    }
    return records;
  }

  @Override
  public boolean remove(UsageRecord record, UseLog.Scan scan) {
    return mounts.remove(record.id());
  }
}
