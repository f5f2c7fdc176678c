package dev.jbuild.daemon.api;

import dev.jbuild.daemon.storage.GcPolicy;
import dev.jbuild.daemon.storage.StateContents;
import dev.jbuild.daemon.storage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Has two records, and remembers what was asked. */
public final class FakeContents implements StateContents {
  static final Instant MADE = Instant.ofEpochSecond(1000, 5);

  final List<GcPolicy> rules = new ArrayList<>();
  final List<Object> asked = new ArrayList<>();

  static UsageRecord record(String id, boolean used) {
    return new UsageRecord(
        id,
        UsageRecord.Type.CACHE_MOUNT,
        "about " + id,
        7,
        MADE,
        used ? MADE.plusSeconds(1) : null,
        3,
        List.of("below"),
        true,
        true,
        true);
  }

  @Override
  public List<UsageRecord> usage(List<String> filters, Duration age) {
    asked.addAll(List.of(filters, age));
    return List.of(record("a", true), record("b", false));
  }

  @Override
  public void prune(GcPolicy rule, Consumer<UsageRecord> removed) {
    rules.add(rule);
    removed.accept(record("a", true));
    removed.accept(record("b", false));
  }
}
