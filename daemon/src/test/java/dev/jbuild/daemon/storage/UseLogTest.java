package dev.jbuild.daemon.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class UseLogTest {
  private static final Instant BEGIN = Instant.parse("2026-11-21T10:00:00Z");

  private final MVStore store = new MVStore.Builder().open();
  private Instant now = BEGIN;
  private final UseLog uses = new UseLog(store, () -> now);

  @AfterEach
  void close() {
    store.close();
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  @Test
  void whatWasNeverUsedIsNotKnown() {
    assertNull(uses.find("a"));
  }

  @Test
  void usesSurviveTheProcessOnceTheBuildHasEnded() {
    UseLog.Lease lease = uses.build();
    uses.used("a");
    assertEquals(Set.of(), store.openMap("uses").keySet());
    lease.close();

    assertEquals(new UseLog.Use(BEGIN, 1), new UseLog(store, () -> now).find("a"));
  }

  @Test
  void aSecondUseSoonAfterIsNotWrittenAgain() {
    uses.used("a");
    uses.flush();
    pass(Duration.ofMinutes(9));
    uses.used("a");
    uses.flush();

    assertEquals(new UseLog.Use(BEGIN, 1), new UseLog(store, () -> now).find("a"));
    assertEquals(new UseLog.Use(now, 1), uses.find("a"));
  }

  @Test
  void aLaterUseCounts() {
    uses.used("a");
    uses.flush();
    pass(Duration.ofMinutes(11));
    uses.used("a");
    uses.flush();

    assertEquals(new UseLog.Use(now, 2), new UseLog(store, () -> now).find("a"));
  }

  @Test
  void aDamagedEntryIsNotKnown() {
    store.<String, String>openMap("uses").put("a", "yesterday 1");

    assertNull(uses.find("a"));
  }

  @Test
  void whatARunningBuildUsedIsInUseUntilItEnds() {
    UseLog.Lease lease = uses.build();
    uses.used("a");
    try (UseLog.Scan scan = uses.scan()) {
      assertTrue(scan.uses("a"));
      assertFalse(scan.uses("b"));
    }
    lease.close();

    try (UseLog.Scan scan = uses.scan()) {
      assertFalse(scan.uses("a"));
    }
  }

  @Test
  void whatWasUsedLongBeforeAllRunningBuildsIsFree() {
    uses.used("a");
    pass(Duration.ofMinutes(2));
    UseLog.Lease lease = uses.build();

    try (UseLog.Scan scan = uses.scan()) {
      assertFalse(scan.uses("a"));
    }
    lease.close();
  }

  @Test
  void whoTakesAloneSeesWhatWasUsedSinceTheScanBegan() throws IOException {
    try (UseLog.Scan scan = uses.scan()) {
      uses.used("a");

      assertEquals(Set.of("a"), scan.<Set<String>>alone(Set::copyOf));
      assertTrue(scan.uses("a"));
    }
  }

  @Test
  void onlyOneScansAtATime() {
    try (UseLog.Scan scan = uses.scan()) {
      var refused = assertThrows(IllegalStateException.class, uses::scan);
      assertEquals("one scan at a time", refused.getMessage());
      assertFalse(scan.uses("a"));
    }
    uses.scan().close();
  }
}
