package dev.jbuild.cachemount;

import java.io.IOException;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;
import org.jspecify.annotations.Nullable;

/** The records of all cache directories, by the directory's name. Thread-safe. */
final class CacheRecords {
  private final MVStore store;
  private final MVMap<String, byte[]> records;

  CacheRecords(MVStore store) {
    this.store = store;
    this.records =
        store.openMap(
            "cache-mounts",
            new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  /** Null when there is none, or none that can be read. */
  @Nullable CacheRecord find(String name) {
    byte[] bytes = records.get(name);
    try {
      return bytes == null ? null : CacheRecord.read(bytes);
    } catch (IOException damaged) {
      return null;
    }
  }

  SortedMap<String, CacheRecord> all() {
    var all = new TreeMap<String, CacheRecord>();
    for (String name : records.keySet()) {
      CacheRecord record = find(name);
      if (record != null) {
        all.put(name, record);
      }
    }
    return all;
  }

  synchronized void put(String name, CacheRecord record) {
    records.put(name, record.toBytes());
    store.commit();
  }

  /** Changes a record; one that is not there stays so. */
  synchronized void change(String name, UnaryOperator<CacheRecord> change) {
    CacheRecord record = find(name);
    if (record != null) {
      put(name, change.apply(record));
    }
  }

  synchronized void remove(String name) {
    if (records.remove(name) != null) {
      store.commit();
    }
  }
}
