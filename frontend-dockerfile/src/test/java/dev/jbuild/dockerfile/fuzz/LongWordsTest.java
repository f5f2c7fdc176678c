package dev.jbuild.dockerfile.fuzz;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Words longer than the fuzzer makes them, in every place that takes one: a reader that recurses,
 * or that goes back and forth, ends here.
 */
class LongWordsTest {
  private static final int LENGTH = 20_000;
  private static final String SCRATCH = "FROM scratch\n";

  private static final List<String> PLACES =
      List.of(
          "# syntax=%s\nFROM scratch\n",
          "# check=%s\nFROM scratch\n",
          "#%s=1\nFROM scratch\n",
          "%s",
          "FROM %s\n",
          "FROM --platform=%s scratch\n",
          "FROM scratch AS %s\n",
          "ARG a=%s\nFROM $a\n",
          SCRATCH + "RUN %s\n",
          SCRATCH + "RUN [%s\n",
          SCRATCH + "RUN --mount=%s true\n",
          SCRATCH + "RUN --mount=type=tmpfs,target=/x,size=%s true\n",
          SCRATCH + "RUN --network=%s true\n",
          SCRATCH + "RUN --network=none curl %s\n",
          SCRATCH + "RUN <<%s\n",
          SCRATCH + "COPY %s /\n",
          SCRATCH + "COPY a %s\n",
          SCRATCH + "COPY --from=%s a b\n",
          SCRATCH + "COPY --chmod=%s a b\n",
          SCRATCH + "COPY --chown=%s a b\n",
          SCRATCH + "COPY --exclude=%s a b\n",
          SCRATCH + "ADD https://h/%s /\n",
          SCRATCH + "ADD https://h/a.git#%s /\n",
          SCRATCH + "ADD https://h/a.git?%s /\n",
          SCRATCH + "ADD git@h:%s /\n",
          SCRATCH + "ADD --checksum=%s https://h/a /\n",
          SCRATCH + "ENV %s\n",
          SCRATCH + "ENV a=%s\n",
          SCRATCH + "LABEL %s\n",
          SCRATCH + "EXPOSE %s\n",
          SCRATCH + "HEALTHCHECK --interval=%s CMD true\n",
          SCRATCH + "HEALTHCHECK --retries=%s CMD true\n",
          SCRATCH + "VOLUME %s\n",
          SCRATCH + "WORKDIR %s\n",
          SCRATCH + "USER %s\n",
          SCRATCH + "STOPSIGNAL %s\n",
          SCRATCH + "SHELL %s\n",
          SCRATCH + "CMD %s\n",
          SCRATCH + "ONBUILD %s\n",
          SCRATCH + "MAINTAINER %s\n");

  private static final List<String> PIECES =
      List.of(
          "a",
          "a.",
          "a-",
          "a/",
          "../",
          "*",
          "**/",
          "a*?",
          "+r",
          ",u+r",
          "a,",
          "a=",
          "a:",
          ":0",
          "1h",
          "1-",
          "a;",
          "a&&",
          "&",
          "curl http://localhost ",
          "[",
          "[\"",
          "\"",
          "'",
          "{",
          "$a",
          "${a:-",
          "$",
          "\\",
          "\t",
          " ",
          "\r",
          "<<a ",
          "%20",
          "#",
          "?ref=a&",
          "é",
          "\u0000");

  static List<String> places() {
    return PLACES;
  }

  @ParameterizedTest
  @MethodSource("places")
  void areReadOrRefusedInBoundedTime(String place) {
    for (String piece : PIECES) {
      String text = place.replace("%s", piece.repeat(LENGTH / piece.length()));
      try {
        Target.PARSE.check(text);
        Target.CONVERT.check(text);
      } catch (RuntimeException | AssertionError | StackOverflowError e) {
        throw new AssertionError("many of '" + piece + "'", e);
      }
    }
  }
}
