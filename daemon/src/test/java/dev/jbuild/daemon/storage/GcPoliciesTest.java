package dev.jbuild.daemon.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.daemon.config.GcSettings;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class GcPoliciesTest {
  private static final long GIGABYTE = 1_000_000_000L;
  private static final List<String> CHEAP =
      List.of("type==source.local", "type==exec.cachemount", "type==source.git.checkout");

  @Test
  void whenItIsTurnedOffThereAreNoRules() {
    var off = new GcSettings(false, GcSettings.Space.NONE, List.of());

    assertEquals(List.of(), GcPolicies.of(off, 500 * GIGABYTE));
  }

  @Test
  void withoutLimitsTheDiskDecides() {
    assertEquals(
        List.of(
            new GcPolicy(false, Duration.ofDays(2), CHEAP, 0, 512L << 20, 0),
            new GcPolicy(
                false, Duration.ofDays(60), List.of(), 5 * GIGABYTE, 30 * GIGABYTE, 10 * GIGABYTE),
            new GcPolicy(
                false, Duration.ZERO, List.of(), 5 * GIGABYTE, 30 * GIGABYTE, 10 * GIGABYTE),
            new GcPolicy(
                true, Duration.ZERO, List.of(), 5 * GIGABYTE, 30 * GIGABYTE, 10 * GIGABYTE)),
        GcPolicies.of(GcSettings.DEFAULT, 50 * GIGABYTE));
  }

  @Test
  void aBigDiskIsNotFilled() {
    assertEquals(
        new GcPolicy(true, Duration.ZERO, List.of(), 10 * GIGABYTE, 100 * GIGABYTE, 200 * GIGABYTE),
        GcPolicies.of(GcSettings.DEFAULT, 1000 * GIGABYTE).getLast());
  }

  @Test
  void rulesOfTheConfigurationReplaceTheUsualOnes() {
    var rule =
        new GcSettings.Policy(true, Duration.ofHours(1), List.of("shared"), GcSettings.Space.NONE);

    assertEquals(
        List.of(new GcPolicy(true, Duration.ofHours(1), List.of("shared"), 0, 0, 0)),
        GcPolicies.of(new GcSettings(true, GcSettings.Space.NONE, List.of(rule)), 50 * GIGABYTE));
  }
}
