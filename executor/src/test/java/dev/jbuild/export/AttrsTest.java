package dev.jbuild.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AttrsTest {

  private static ImageOptions options(Map<String, String> attrs) {
    var read = new Attrs("oci", attrs);
    ImageOptions options = ImageOptions.read(read, false);
    read.end();
    return options;
  }

  private static String failure(String name, String value) {
    return assertThrows(BuildException.class, () -> options(Map.of(name, value))).message();
  }

  @Test
  void nothingGivenMeansGzipAndOci() {
    ImageOptions options = options(Map.of());
    assertEquals(MediaType.Compression.GZIP, options.compression());
    assertEquals(MediaType.Column.OCI, options.column());
    assertEquals(-1, options.level());
  }

  @Test
  void namesAreNormalized() {
    assertEquals(
        List.of(ImageRef.parse("docker.io/library/a:latest"), ImageRef.parse("x.y/b:1")),
        options(Map.of("name", "a, x.y/b:1")).names());
  }

  @Test
  void unknownAttributeIsRefusedWithTheNearest() {
    assertEquals(
        "output type=oci: unknown attribute 'compresion', did you mean 'compression'?",
        failure("compresion", "gzip"));
    assertEquals("output type=oci: unknown attribute 'zzzzzzzz'", failure("zzzzzzzz", "1"));
  }

  @Test
  void flagsMayBeEmpty() {
    assertEquals(true, options(Map.of("force-compression", "")).forced());
    assertEquals(
        "output type=oci: force-compression='maybe' makes no sense, want 'true' or 'false'",
        failure("force-compression", "maybe"));
  }

  @Test
  void compressionIsOneOfThree() {
    assertEquals(
        "output type=oci: compression='lzma' makes no sense, want 'gzip', 'zstd' or 'uncompressed'",
        failure("compression", "lzma"));
  }

  @Test
  void zstdNeedsOciTypes() {
    assertThrows(
        BuildException.class,
        () -> options(Map.of("compression", "zstd", "oci-mediatypes", "false")));
  }

  @Test
  void levelFitsTheCompression() {
    assertEquals(19, options(Map.of("compression", "zstd", "compression-level", "19")).level());
    assertEquals(
        "output type=oci: compression-level='19' makes no sense, want 1 to 9",
        failure("compression-level", "19"));
  }

  @Test
  void epochIsSeconds() {
    assertEquals(
        Instant.ofEpochSecond(1_700_000_000),
        options(Map.of("source-date-epoch", "1700000000")).epoch());
    assertEquals(
        "output type=oci: source-date-epoch='now' makes no sense, want seconds since 1970",
        failure("source-date-epoch", "now"));
  }

  @Test
  void whatIsNotOfferedYetSaysSo() {
    BuildException failure =
        assertThrows(BuildException.class, () -> options(Map.of("rewrite-timestamp", "true")));
    assertEquals(Code.UNIMPLEMENTED, failure.code());
    assertEquals(
        "output type=oci: 'rewrite-timestamp' is not offered yet: leave it out", failure.message());
  }

  @Test
  void annotationsAreReadWithTypeAndPlatform() {
    Annotations annotations =
        options(
                Map.of(
                    "annotation.a", "1",
                    "annotation-index.b", "2",
                    "annotation-manifest-descriptor[linux/arm64/v8].c.d", "3"))
            .annotations();
    assertEquals(
        List.of(
            new Annotations.Wanted(Annotations.Target.INDEX, "", "b", "2"),
            new Annotations.Wanted(
                Annotations.Target.MANIFEST_DESCRIPTOR, "linux/arm64", "c.d", "3"),
            new Annotations.Wanted(Annotations.Target.MANIFEST, "", "a", "1")),
        annotations.wanted());
  }

  @Test
  void malformedAnnotationIsRefused() {
    assertEquals(
        "output type=oci: annotation-layer.x='1' makes no sense, want"
            + " annotation[-type][[platform]].<key> as its name",
        failure("annotation-layer.x", "1"));
  }
}
