package dev.jbuild.export.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.export.Attrs;
import dev.jbuild.export.Exporter;
import dev.jbuild.export.ExporterContract;
import dev.jbuild.export.ImageOptions;
import dev.jbuild.export.LayerRig;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.json.ImageConfigJson;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.Pause;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.RegistryPush;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.Snapshot;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImageExporterTest extends ExporterContract {
  private static final Instant NOW = Instant.parse("2026-05-06T07:08:09Z");

  private final Http http = new Http();
  private final MVStore mvStore = MVStore.open(null);
  private final ImageStore store = new ImageStore(mvStore);

  @AfterEach
  void closeStore() {
    mvStore.close();
    http.close();
  }

  @Override
  protected Exporter create() {
    return new ImageExporter(
        rig.writer(),
        store,
        rig.content,
        Clock.fixed(NOW, ZoneOffset.UTC),
        (c, i) ->
            new RegistryPush(
                http, RegistryConfig.DEFAULT, i, c, rig.content, Clock.systemUTC(), Pause.REAL));
  }

  @Override
  protected boolean sendsAFile() {
    return false;
  }

  @Test
  void namesLeadToTheLayersAndTheConfig() throws Exception {
    Snapshot snapshot = snapshot();
    Map<String, String> keys = export(Map.of("name", "app:1,app:2"), LayerRig.result(snapshot));
    for (String name : List.of("app:1", "app:2")) {
      StoredImage image = store.find(ImageRef.parse(name)).orElseThrow();
      StoredImage.Variant variant = image.variants().getFirst();
      assertEquals(NOW, image.stored());
      assertEquals(snapshot.layers(), variant.layers());
      assertEquals(keys.get("containerimage.config.digest"), variant.id().toString());
      assertEquals(keys.get("containerimage.digest"), image.root().digest().toString());
      assertEquals(2, ImageConfigJson.read(variant.config()).diffIds().size());
      assertTrue(rig.content.size(image.root().digest()).isPresent());
      assertTrue(rig.content.size(variant.id()).isPresent());
    }
    assertTrue(rig.statuses.contains("naming to docker.io/library/app:2 done"));
  }

  @Test
  void noLayerIsPacked() throws Exception {
    Snapshot snapshot = snapshot();
    export(Map.of("name", "app"), LayerRig.result(snapshot));
    for (var layer : snapshot.layers()) {
      var facts = rig.catalog.facts(layer).orElseThrow();
      var plain = facts.made().getFirst();
      assertEquals(MediaType.OCI_LAYER, plain.mediaType());
      assertEquals(facts.diffId(), plain.digest());
      assertTrue(rig.content.size(plain.digest()).isEmpty());
    }
  }

  @Test
  void describedLayerBecomesTheTarThatWasDescribed() throws Exception {
    Snapshot snapshot = snapshot();
    export(Map.of("name", "app"), LayerRig.result(snapshot));
    var described = rig.catalog.facts(snapshot.layers().getLast()).orElseThrow().made().getFirst();
    rig.blobs()
        .packed(
            snapshot,
            ImageOptions.read(new Attrs("oci", Map.of("compression", "uncompressed")), true),
            TransferProgress.NONE);
    assertEquals(described.sizeBytes(), rig.content.size(described.digest()).orElse(-1));
  }

  @Test
  void resultWithoutANameIsNotStored() throws Exception {
    export(Map.of(), LayerRig.result(snapshot()));
    assertEquals(List.of(), store.list());
  }

  @Test
  void pushWithoutANameIsRefused() {
    assertEquals(
        "output type=image: push=true wants a name: give one with -t or 'name'",
        assertThrows(
                BuildException.class,
                () -> export(Map.of("push", "true"), LayerRig.result(snapshot())))
            .message());
  }
}
