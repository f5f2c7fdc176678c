package dev.jbuild.dockerfile.instruction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.dockerfile.parse.CommaList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations, sizes, comma lists and suggestions. */
class SmallFormsTest {

  @ParameterizedTest
  @CsvSource({
    "0, 0s",
    "1ns, 1ns",
    "1500us, 1.5ms",
    "300ms, 300ms",
    "1.5s, 1.5s",
    "90s, 1m30s",
    "1h, 1h0m0s",
    "1h2m3.25s, 1h2m3.25s",
    "-5s, -5s",
    ".5m, 30s",
    "2µs, 2µs",
  })
  void durationsAreReadAndPrintedAsGoDoes(String text, String printed) {
    assertEquals(printed, GoDuration.print(GoDuration.parse(text)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "5", "s", "5 s", "5d", "-", "1s x", "9999999h9999999h9999999999h"})
  void otherDurationsAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> GoDuration.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "17, 17",
    "1k, 1024",
    "64m, 67108864",
    "1.5g, 1610612736",
    "2GiB, 2147483648",
    "3 kb, 3072",
    "1b, 1",
  })
  void sizesAreReadInPowersOf1024(String text, long bytes) {
    assertEquals(bytes, ByteSize.parse(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "m", "-1", "1x", "1e3", "99999999p"})
  void otherSizesAreRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ByteSize.parse(text));
  }

  @Test
  void commaListsKnowQuotes() {
    assertEquals(List.of("a", "b,c", "", "d\"e", ""), texts("a,\"b,c\",,\"d\"\"e\","));
    assertEquals(List.of(), texts(""));
    assertThrows(IllegalArgumentException.class, () -> CommaList.split("a,\"b"));
  }

  @ParameterizedTest
  @CsvSource({
    "RUM, RUN",
    "FORM, FROM",
    "COPYY, COPY",
    "ENTRYPIONT, ENTRYPOINT",
    "WORK, WORKDIR",
    "rnu, RUN",
    "XYZ, ''",
    "'', ''",
    "R, ''",
  })
  void theNearestNameIsSuggested(String typed, String meant) {
    String expected = meant.isEmpty() ? "" : ", did you mean '" + meant + "'?";
    List<String> names = List.of("RUN", "FROM", "COPY", "ENTRYPOINT", "WORKDIR", "ENV");
    assertEquals(expected, Suggestion.of(typed, names));
  }

  private static List<String> texts(String list) {
    return CommaList.split(list).stream().map(CommaList.Field::text).toList();
  }
}
