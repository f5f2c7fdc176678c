package dev.jbuild.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class IndexTest {
  @Test
  void theExactPlatformComesBeforeLesserOnesAndUnnamedOnesLast() {
    Index index = index("linux/arm/v5", null, "linux/arm64", "linux/arm/7", "unknown/unknown");

    assertEquals(List.of(3L, 0L, 1L), chosen(index, new Platform("linux", "arm", "v7")));
    assertEquals(List.of(2L, 3L, 0L, 1L), chosen(index, new Platform("linux", "aarch64", "")));
    assertEquals(List.of(1L), chosen(index, new Platform("linux", "riscv64", "")));
  }

  @Test
  void attestationsAreNoPlatform() {
    assertEquals(
        List.of(new Platform("linux", "amd64", "")),
        index("linux/x86_64", null, "unknown/unknown").platforms());
  }

  /** Entries are known by their size, which is their position. */
  private static List<Long> chosen(Index index, Platform wanted) {
    return index.candidates(wanted).stream().map(Descriptor::sizeBytes).toList();
  }

  private static Index index(@Nullable String... platforms) {
    var digest = new Digest("0".repeat(64));
    var entries =
        Arrays.stream(platforms)
            .map(
                text ->
                    new Descriptor(
                            MediaType.OCI_MANIFEST, digest, Arrays.asList(platforms).indexOf(text))
                        .withPlatform(text == null ? null : platform(text)))
            .toList();
    return new Index(MediaType.OCI_INDEX, entries);
  }

  private static Platform platform(String text) {
    String[] parts = text.split("/", -1);
    return new Platform(parts[0], parts[1], parts.length > 2 ? parts[2] : "");
  }
}
