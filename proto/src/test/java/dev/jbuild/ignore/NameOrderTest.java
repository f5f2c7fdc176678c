package dev.jbuild.ignore;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NameOrderTest {
  @Test
  void namesAreOrderedAsTheirUtf8BytesAre() {
    var names =
        List.of("", "a", "a.b", "ab", "b", "\u00E4", "\uD7FF", "\uE000", "\uFF5E", "\uD83D\uDE00");
    for (String left : names) {
      for (String right : names) {
        int bytes =
            Arrays.compareUnsigned(
                left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));
        assertEquals(
            Integer.signum(bytes),
            Integer.signum(NameOrder.BY_BYTES.compare(left, right)),
            left + " and " + right);
      }
    }
  }
}
