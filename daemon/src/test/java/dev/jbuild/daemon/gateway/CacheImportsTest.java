package dev.jbuild.daemon.gateway;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheImportsTest {
  private static List<String> named(String option) {
    return CacheImports.named(Map.of("cache-imports", option));
  }

  @Test
  void cachesAreNamedByWhereTheyLieOrElseByTheirType() {
    assertEquals(
        List.of("r.example/a", "gha"),
        named(
            "[{\"Type\":\"registry\",\"Attrs\":{\"ref\":\"r.example/a\"}},"
                + "{\"type\":\"gha\",\"attrs\":{}}]"));
  }

  @Test
  void withoutTheOptionThereAreNone() {
    assertEquals(List.of(), CacheImports.named(Map.of()));
    assertEquals(List.of(), named(""));
    assertEquals(List.of(), named("null"));
  }

  @Test
  void aMalformedListIsShownAsItIs() {
    assertEquals(List.of("[{"), named("[{"));
  }
}
