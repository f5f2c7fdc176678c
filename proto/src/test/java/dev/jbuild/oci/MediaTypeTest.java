package dev.jbuild.oci;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.MediaType.Column;
import dev.jbuild.oci.MediaType.Compression;
import dev.jbuild.oci.MediaType.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MediaTypeTest {
  private static final List<List<MediaType>> ROWS =
      List.of(
          List.of(MediaType.OCI_INDEX, MediaType.DOCKER_INDEX),
          List.of(MediaType.OCI_MANIFEST, MediaType.DOCKER_MANIFEST),
          List.of(MediaType.OCI_CONFIG, MediaType.DOCKER_CONFIG),
          List.of(MediaType.OCI_LAYER, MediaType.DOCKER_LAYER),
          List.of(MediaType.OCI_LAYER_GZIP, MediaType.DOCKER_LAYER_GZIP),
          List.of(MediaType.OCI_LAYER_ZSTD, MediaType.DOCKER_LAYER_ZSTD));

  @Test
  void everyTypeHasItsTwinInTheOtherColumn() {
    for (List<MediaType> row : ROWS) {
      for (MediaType type : row) {
        assertEquals(row.get(0), type.in(Column.OCI));
        assertEquals(row.get(1), type.in(Column.DOCKER));
      }
      assertFalse(row.get(0).isDocker());
      assertTrue(row.get(1).isDocker());
    }
  }

  @Test
  void foreignLayersAreLayersAndBecomePlainOnes() {
    var oci = new MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+zstd");
    var docker = new MediaType("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip");

    assertTrue(oci.isForeign());
    assertTrue(docker.isForeign());
    assertEquals(MediaType.OCI_LAYER_ZSTD, oci.in(Column.OCI));
    assertEquals(MediaType.OCI_LAYER_GZIP, docker.in(Column.OCI));
  }

  @Test
  void compressionIsInTheName() {
    assertEquals(Compression.NONE, MediaType.OCI_LAYER.compression());
    assertEquals(Compression.GZIP, MediaType.DOCKER_LAYER_GZIP.compression());
    assertEquals(Compression.ZSTD, MediaType.OCI_LAYER_ZSTD.compression());
  }

  @Test
  void otherTypesStayAsTheyAre() {
    for (MediaType type :
        List.of(
            MediaType.IN_TOTO,
            MediaType.CACHE_CONFIG,
            MediaType.OCI_EMPTY,
            new MediaType("application/vnd.oci.image.layer.v1.tar+lz4"),
            new MediaType("application/vnd.docker.attestation.manifest.v1+json"))) {
      assertEquals(Kind.OTHER, type.kind());
      assertEquals(type, type.in(Column.DOCKER));
      assertFalse(type.isDocker());
    }
  }
}
