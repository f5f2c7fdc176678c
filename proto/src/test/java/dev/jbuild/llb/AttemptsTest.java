package dev.jbuild.llb;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class AttemptsTest {

  private static String refused(String key, String value) {
    var failure =
        assertThrows(
            IllegalArgumentException.class, () -> Attempts.of(Map.of("dev.jbuild." + key, value)));
    return String.valueOf(failure.getMessage());
  }

  @Test
  void whatIsDescribedIsReadAgain() {
    var attempts = new Attempts(Duration.ofSeconds(90), 3, Duration.ofMillis(500));
    assertEquals(attempts, Attempts.of(attempts.described()));
  }

  @Test
  void oneAttemptWithoutLimitNeedsNoDescription() {
    assertEquals(Map.of(), Attempts.ONE.described());
  }

  @Test
  void descriptionOfOtherThingsIsOneAttempt() {
    assertEquals(Attempts.ONE, Attempts.of(Map.of("llb.customname", "x")));
    assertFalse(Attempts.ONE.limited());
  }

  @Test
  void whatIsNoDurationIsRefused() {
    assertEquals("no duration: '5 minutes'", refused("timeout", "5 minutes"));
  }

  @Test
  void whatIsNoNumberIsRefused() {
    assertEquals("For input string: \"often\"", refused("retries", "often"));
  }

  @Test
  void moreThanAWeekIsRefused() {
    assertEquals(
        "attempts out of range: timeout PT192H, retries 0, delay PT0S", refused("timeout", "P8D"));
  }

  @Test
  void moreThanHundredRetriesAreRefused() {
    assertEquals(
        "attempts out of range: timeout PT0S, retries 101, delay PT0S", refused("retries", "101"));
  }
}
