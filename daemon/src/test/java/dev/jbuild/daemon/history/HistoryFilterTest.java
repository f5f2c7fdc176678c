package dev.jbuild.daemon.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HistoryFilterTest {
  private static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");
  private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

  /** Began an hour ago and took 90 s. */
  private static final BuildRecord RUNNING =
      BuildRecord.started(
          "abc,1",
          new BuildRecord.Request(
              "dockerfile.v0",
              new TreeMap<>(Map.of("context", "https://example.org/x.git#main")),
              List.of(),
              List.of()),
          NOW.minusSeconds(3600));

  private static BuildRecord ended(int code) {
    var failure = code == 0 ? null : new BuildRecord.Failure(code, "no");
    return RUNNING.ended(NOW.minusSeconds(3510), failure, Map.of(), BuildRecord.Counts.NONE);
  }

  private static boolean matches(BuildRecord record, String... filters) {
    return HistoryFilter.parse(List.of(filters), CLOCK).matches(record);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"ref==abc,1\"",
        "ref~=^abc",
        "ref!=x",
        "repository==https://example.org/x.git",
        "repository~=example",
        "status==completed",
        "status==\"completed\"",
        "startedAt<59m",
        "startedAt>=1h",
        "startedAt<=2026-11-21T07:00:00Z",
        "completedAt>1h",
        "duration>=1m30s",
        "duration<1.6m",
        "duration>250ms,status!=error",
        "",
      })
  void aFilterThatHoldsChoosesTheRecord(String filter) {
    assertTrue(matches(ended(0), filter));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ref==abc",
        "ref!=\"abc,1\"",
        "status==error",
        "repository~=github",
        "startedAt>30m",
        "completedAt<2h",
        "duration>90s",
        "ref~=abc,status==error",
      })
  void aFilterThatDoesNotHoldLeavesTheRecordOut(String filter) {
    assertFalse(matches(ended(0), filter.replace("ref!=\"abc,1\"", "\"ref!=abc,1\"")));
  }

  @Test
  void oneOfSeveralFiltersIsEnough() {
    assertTrue(matches(ended(0), "status==error", "ref~=abc"));
    assertFalse(matches(ended(0), "status==error", "ref~=x"));
  }

  @Test
  void aRecordHasOneOfFourStates() {
    assertEquals("running", HistoryFilter.status(RUNNING));
    assertEquals("completed", HistoryFilter.status(ended(0)));
    assertEquals("canceled", HistoryFilter.status(ended(1)));
    assertEquals("error", HistoryFilter.status(ended(2)));
  }

  @Test
  void whatCanNotBeUnderstoodIsNamed() {
    assertEquals(
        "history filter 'duration>soon': want a duration such as 90s or 1h30m"
            .replace("duration>soon", "soon"),
        refusal("duration>soon"));
    assertEquals(
        "history filter 'x': want an age such as 24h, or a time such as 2026-01-31T12:00:00Z",
        refusal("startedAt>x"));
    assertEquals("history filter '\"a': a quote is not closed", refusal("\"a"));
    assertEquals(
        "history filter 'color==red': want ref, repository or status with ==, != or ~=, or"
            + " startedAt, completedAt or duration with <, <=, > or >=",
        refusal("color==red"));
  }

  private static String refusal(String filter) {
    return assertThrows(BuildException.class, () -> HistoryFilter.parse(List.of(filter), CLOCK))
        .message();
  }
}
