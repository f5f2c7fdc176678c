package dev.jbuild.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlatformTest {
  private static final Platform HOST = new Platform("linux", "amd64", "");

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64",
    "linux/x86_64, linux/amd64",
    "Linux/X86-64/v1, linux/amd64",
    "linux/amd64/v3, linux/amd64/v3",
    "linux/aarch64, linux/arm64",
    "linux/arm64/v8, linux/arm64",
    "linux/arm64/8, linux/arm64",
    "linux/arm64/v9, linux/arm64/v9",
    "linux/arm, linux/arm/v7",
    "linux/arm/7, linux/arm/v7",
    "linux/arm/6, linux/arm/v6",
    "linux/armhf, linux/arm/v7",
    "linux/armel, linux/arm/v6",
    "linux/i386, linux/386",
    "macos/arm64, darwin/arm64",
    "linux/s390x, linux/s390x",
    "arm64, linux/arm64",
    "linux, linux/amd64",
    "windows, windows/amd64"
  })
  void namesAreNormalized(String text, String normal) {
    Platform platform = Platform.parse(text, HOST);

    assertEquals(normal, platform.toString());
    assertEquals(platform, platform.normalized());
  }

  @Test
  void whatIsNoPlatformIsRefused() {
    for (String text : List.of("", "a/b/c/d", "linux/", "li nux/amd64")) {
      var failure = assertThrows(IllegalArgumentException.class, () -> Platform.parse(text, HOST));
      assertEquals(
          "platform: want 'os/architecture' or 'os/architecture/variant', got '" + text + "'",
          failure.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64/v3, linux/amd64/v3 linux/amd64/v2 linux/amd64 linux/386",
    "linux/amd64, linux/amd64 linux/386",
    "linux/arm/v7, linux/arm/v7 linux/arm/v6 linux/arm/v5",
    "linux/arm64, linux/arm64 linux/arm/v8 linux/arm/v7 linux/arm/v6 linux/arm/v5",
    "linux/s390x, linux/s390x"
  })
  void lesserMachinesFollowTheExactOne(String text, String all) {
    List<String> acceptable =
        Platform.parse(text, HOST).acceptable().stream().map(Platform::toString).toList();

    assertEquals(List.of(all.split(" ")), acceptable);
  }

  @Test
  void aMachineRunsImagesOfLesserOnes() {
    Platform v7 = Platform.parse("linux/arm/v7", HOST);

    assertTrue(v7.runs(new Platform("linux", "arm", "6")));
    assertFalse(v7.runs(new Platform("linux", "arm64", "")));
    assertFalse(HOST.runs(new Platform("windows", "amd64", "")));
    assertFalse(HOST.runs(new Platform("unknown", "unknown", "")));
  }

  @Test
  void theHostIsNormalized() {
    assertEquals(Platform.host().normalized(), Platform.host());
  }
}
