package dev.jbuild.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageRefTest {
  private static final String HEX = "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "alpine, docker.io/library/alpine:latest, alpine:latest",
    "alpine:3.20, docker.io/library/alpine:3.20, alpine:3.20",
    "user/app, docker.io/user/app:latest, user/app:latest",
    "docker.io/alpine, docker.io/library/alpine:latest, alpine:latest",
    "index.docker.io/alpine:1, docker.io/library/alpine:1, alpine:1",
    "docker.io/library/alpine, docker.io/library/alpine:latest, alpine:latest",
    "library/a/b, docker.io/library/a/b:latest, library/a/b:latest",
    "localhost/app, localhost/app:latest, localhost/app:latest",
    "localhost:5000/app:v1, localhost:5000/app:v1, localhost:5000/app:v1",
    "ghcr.io/o/app, ghcr.io/o/app:latest, ghcr.io/o/app:latest",
    "registry:5000/a, registry:5000/a:latest, registry:5000/a:latest",
    "[::1]:5000/a:b, [::1]:5000/a:b, [::1]:5000/a:b",
    "REG.example.COM/a, REG.example.COM/a:latest, REG.example.COM/a:latest",
    "a__b/c-d--e/f.g_h, docker.io/a__b/c-d--e/f.g_h:latest, a__b/c-d--e/f.g_h:latest",
    "foo.bar, docker.io/library/foo.bar:latest, foo.bar:latest",
    "docker.io/foo.bar/x, docker.io/foo.bar/x:latest, docker.io/foo.bar/x:latest",
    "a:_T.-, docker.io/library/a:_T.-, a:_T.-"
  })
  void namesAreCompletedAndShortened(String text, String full, String familiar) {
    ImageRef ref = ImageRef.parse(text);

    assertEquals(full, ref.toString());
    assertEquals(familiar, ref.familiar());
    assertEquals(ref, ImageRef.parse(ref.toString()));
    assertEquals(ref, ImageRef.parse(ref.familiar()));
  }

  @Test
  void aDigestTakesThePlaceOfTheDefaultTag() {
    ImageRef ref = ImageRef.parse("alpine@sha256:" + HEX);

    assertEquals("docker.io/library/alpine@sha256:" + HEX, ref.toString());
    assertEquals(new ImageRef("docker.io", "alpine", null, new Digest(HEX)), ref);
  }

  @Test
  void aTagBesideADigestIsKept() {
    ImageRef ref = ImageRef.parse("ghcr.io/a:1@sha256:" + HEX);

    assertEquals("1", ref.tag());
    assertEquals("ghcr.io/a:1@sha256:" + HEX, ref.toString());
    assertEquals("ghcr.io/a", ref.name());
  }

  @Test
  void whatIsNoReferenceIsRefusedWithItsFault() {
    refused("", "image reference: is empty");
    refused("Alpine", "image reference: repository name must be lower case, got 'library/Alpine'");
    refused("MyCorp/app", "image reference: repository name must be lower case, got 'MyCorp/app'");
    refused(
        "a//b",
        "image reference: malformed repository name 'a//b', want lower-case letters and digits,"
            + " separated by '.', '_', '__', '-' or '/'");
    refused(
        "a/-b",
        "image reference: malformed repository name 'a/-b', want lower-case letters and digits,"
            + " separated by '.', '_', '__', '-' or '/'");
    refused(
        "a:",
        "image reference: malformed tag '', want up to 128 letters, digits, '_', '.' and '-', not"
            + " starting with '.' or '-'");
    refused(
        "a:.b",
        "image reference: malformed tag '.b', want up to 128 letters, digits, '_', '.' and '-',"
            + " not starting with '.' or '-'");
    refused(":tag", "image reference: ':tag' has no repository name");
    refused(
        "a@sha256:12",
        "image reference: 'a@sha256:12' has a malformed digest, want 'sha256:' and 64 hex digits");
    refused("-x.io/a", "image reference: malformed registry host '-x.io'");
    refused(
        HEX, "image reference: 64 hex digits alone are no name, write 'name@sha256:" + HEX + "'");
    refused("a".repeat(300), "image reference: repository name is longer than 255 characters");
  }

  @Test
  void aVeryLongTextIsRefusedQuickly() {
    refused(
        "a-".repeat(100_000) + "!",
        "image reference: repository name is longer than 255 characters");
  }

  private static void refused(String text, String message) {
    var failure = assertThrows(IllegalArgumentException.class, () -> ImageRef.parse(text));
    assertEquals(message, failure.getMessage());
  }
}
