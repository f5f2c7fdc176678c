package dev.jbuild.cli.progress;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class FiguresTest {
  @Test
  void sizesHaveAtMostThreeDigits() {
    assertEquals("0B", Figures.bytes(0));
    assertEquals("999B", Figures.bytes(999));
    assertEquals("1kB", Figures.bytes(1000));
    assertEquals("1.25kB", Figures.bytes(1250));
    assertEquals("1.05kB", Figures.bytes(1050));
    assertEquals("9.99kB", Figures.bytes(9990));
    assertEquals("10kB", Figures.bytes(9999));
    assertEquals("99.5MB", Figures.bytes(99_500_000));
    assertEquals("192MB", Figures.bytes(192_000_000));
    assertEquals("1GB", Figures.bytes(999_900_000));
    assertEquals("9.22EB", Figures.bytes(Long.MAX_VALUE));
  }

  @Test
  void amountsSayHowFarItIs() {
    assertEquals("", Figures.amount(0, 0));
    assertEquals("31B", Figures.amount(31, 0));
    assertEquals("1kB / 5kB", Figures.amount(1000, 5000));
    assertEquals("5kB", Figures.amount(5000, 5000));
  }

  @Test
  void timesAreRounded() {
    assertEquals("0.0s", Figures.seconds(Duration.ofMillis(49)));
    assertEquals("0.1s", Figures.seconds(Duration.ofMillis(50)));
    assertEquals("75.3s", Figures.seconds(Duration.ofMillis(75_340)));
    assertEquals("0.0s", Figures.seconds(Duration.ofMillis(-5)));
    assertEquals("12.005", Figures.millis(Duration.ofMillis(12_005)));
  }
}
