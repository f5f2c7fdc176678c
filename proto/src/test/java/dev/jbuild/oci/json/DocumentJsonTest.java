package dev.jbuild.oci.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Index;
import dev.jbuild.oci.Manifest;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.OciDocument;
import dev.jbuild.oci.Platform;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class DocumentJsonTest {
  private static final String HEX = "0123456789abcdef".repeat(4);
  private static final Descriptor CONFIG = new Descriptor(MediaType.OCI_CONFIG, new Digest(HEX), 7);
  private static final String CONFIG_JSON =
      "{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\"sha256:"
          + HEX
          + "\",\"size\":7}";

  @Test
  void aManifestIsIndentedByTwoSpaces() {
    var manifest = new Manifest(MediaType.OCI_MANIFEST, CONFIG, List.of());

    assertEquals(
        """
        {
          "schemaVersion": 2,
          "mediaType": "application/vnd.oci.image.manifest.v1+json",
          "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": "sha256:%s",
            "size": 7
          },
          "layers": []
        }"""
            .formatted(HEX),
        DocumentJson.write(manifest).toUtf8());
  }

  @Test
  void aManifestWithEverythingIsReadBackAsItWasWritten() throws Exception {
    Bytes empty = Bytes.utf8("{}");
    var config =
        new Descriptor(
            MediaType.OCI_EMPTY, empty.digest(), 2, List.of(), Map.of(), empty, null, "");
    var layer =
        new Descriptor(
            MediaType.IN_TOTO,
            new Digest(HEX),
            1L << 40,
            List.of("https://a/b"),
            Map.of("in-toto.io/predicate-type", "x"),
            null,
            null,
            "t");
    OciDocument manifest =
        new Manifest(
            MediaType.OCI_MANIFEST, "artifact", config, List.of(layer), CONFIG, Map.of("k", "v"));

    assertEquals(manifest, DocumentJson.read(DocumentJson.write(manifest)));
  }

  @Test
  void anIndexIsReadBackAsItWasWritten() throws Exception {
    OciDocument index =
        new Index(
            MediaType.DOCKER_INDEX,
            "",
            List.of(
                CONFIG.withPlatform(new Platform("linux", "arm", "v7", "1", List.of("x"))),
                CONFIG.withAnnotations(Map.of("a", "b"))),
            null,
            Map.of());

    assertEquals(index, DocumentJson.read(DocumentJson.write(index)));
  }

  @Test
  void aDocumentWithoutATypeIsToldByItsMembers() throws Exception {
    assertEquals(
        new Manifest(MediaType.OCI_MANIFEST, CONFIG, List.of()),
        read("{\"schemaVersion\":2,\"config\":" + CONFIG_JSON + ",\"layers\":null}"));
    assertEquals(
        new Index(MediaType.OCI_INDEX, List.of(CONFIG)),
        read("{\"schemaVersion\":2,\"manifests\":[" + CONFIG_JSON + "]}"));
  }

  @Test
  void aDocumentThatTwoReadersUnderstandDifferentlyIsRefused() {
    refused(
        "{\"schemaVersion\":2,\"manifests\":[],\"layers\":[]}",
        "has both 'manifests' and 'layers' or 'config'");
    refused(
        "{\"schemaVersion\":2,\"mediaType\":\""
            + MediaType.OCI_INDEX
            + "\",\"config\":"
            + CONFIG_JSON
            + "}",
        "has 'layers' or 'config' although it is an index");
    refused(
        "{\"schemaVersion\":2,\"mediaType\":\"" + MediaType.OCI_MANIFEST + "\",\"manifests\":[]}",
        "has 'manifests' although it is a manifest");
    refused(
        "{\"schemaVersion\":2,\"schemaVersion\":2}",
        "is not valid JSON at line 1, column 35: Duplicate Object property \"schemaVersion\"");
  }

  @Test
  void faultsAreNamedWithTheirPlace() {
    refused("{}", "schemaVersion: want 2, got 0");
    refused(
        "{\"schemaVersion\":1,\"fsLayers\":[]}",
        "schemaVersion: want 2, got 1, Docker's schema 1 is not supported");
    refused(
        "{\"schemaVersion\":2,\"mediaType\":\"text/plain\"}",
        "mediaType: 'text/plain' is no manifest or index");
    refused("{\"schemaVersion\":2,\"layers\":[]}", "config: is missing");
    refused(
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"digest\":\"sha256:"
            + HEX
            + "\",\"size\":-1}]}",
        "manifests[0].size: is negative: -1");
    refused(
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"size\":1}]}",
        "manifests[0].digest: is missing");
    refused(
        "{\"schemaVersion\":2,\"manifests\":[{\"size\":1}]}", "manifests[0].mediaType: is missing");
    refused(
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"x\",\"digest\":\"sha256:"
            + HEX
            + "\",\"size\":1,\"data\":\"AA==\"}]}",
        "manifests[0].data: does not match the descriptor's size and digest");
  }

  @Test
  void aDescriptorAloneIsCompact() throws Exception {
    assertEquals(CONFIG_JSON, DescriptorJson.write(CONFIG).toUtf8());
    assertEquals(CONFIG, DescriptorJson.read(DescriptorJson.write(CONFIG)));
  }

  @Test
  void theOtherKindOfDocumentIsRefused() {
    Bytes index = DocumentJson.write(new Index(MediaType.OCI_INDEX, List.of()));
    Bytes manifest = DocumentJson.write(new Manifest(MediaType.OCI_MANIFEST, CONFIG, List.of()));

    assertEquals(
        "is an index, want a manifest",
        assertThrows(OciFormatException.class, () -> DocumentJson.readManifest(index))
            .getMessage());
    assertEquals(
        "is a manifest, want an index",
        assertThrows(OciFormatException.class, () -> DocumentJson.readIndex(manifest))
            .getMessage());
  }

  private static OciDocument read(String json) throws OciFormatException {
    return DocumentJson.read(Bytes.utf8(json));
  }

  private static void refused(String json, String message) {
    var failure = assertThrows(OciFormatException.class, () -> read(json));
    assertEquals(message, failure.getMessage());
  }
}
