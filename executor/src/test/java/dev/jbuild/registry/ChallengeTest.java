package dev.jbuild.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ChallengeTest {

  private static List<Challenge> parse(String... headers) {
    return Challenge.parse(List.of(headers));
  }

  @Test
  void quotedValuesMayHoldCommas() {
    assertEquals(
        List.of(
            new Challenge(
                "bearer",
                Map.of("realm", "https://a/t", "service", "s", "scope", "repository:a:pull,push"))),
        parse("Bearer realm=\"https://a/t\",service=\"s\",scope=\"repository:a:pull,push\""));
  }

  @Test
  void oneHeaderMayHoldSeveralChallenges() {
    assertEquals(
        List.of(
            new Challenge("negotiate", Map.of()),
            new Challenge("basic", Map.of("realm", "x")),
            new Challenge("bearer", Map.of("realm", "r"))),
        parse("Negotiate, Basic realm=x, Bearer realm=\"r\""));
  }

  @Test
  void severalHeadersAreAllRead() {
    assertEquals(
        List.of(new Challenge("basic", Map.of()), new Challenge("bearer", Map.of("realm", "r"))),
        parse("Basic", "BEARER REALM=r"));
  }

  @Test
  void escapesInQuotesAreUndone() {
    assertEquals(
        List.of(new Challenge("basic", Map.of("realm", "a\"b\\c"))),
        parse("Basic realm=\"a\\\"b\\\\c\""));
  }

  @Test
  void repeatedParameterCountsOnce() {
    assertEquals(
        List.of(new Challenge("bearer", Map.of("realm", "first"))),
        parse("Bearer realm=first, realm=second"));
  }

  @Test
  void oversizedHeaderIsPassedOver() {
    assertEquals(List.of(), parse("Bearer realm=" + "x".repeat(20_000)));
  }

  @Test
  void anyTextIsReadToItsEnd() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    String alphabet = "Bearer basic=\"\\, \t;é\u0000[]realm";
    for (int round = 0; round < 20_000; round++) {
      var text = new StringBuilder();
      for (int i = random.nextInt(40); i > 0; i--) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertNotNull(parse(text.toString()), "seed " + seed);
    }
  }
}
