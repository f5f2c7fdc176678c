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
import dev.jbuild.registry.TestRegistry;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.Snapshot;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
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
        rig::fetch,
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

  /** The failure of a push to a registry that refuses all manifests. */
  private String refused(String attrs) throws Exception {
    try (var registry = new TestRegistry()) {
      registry.gate(
          exchange ->
              switch (exchange.getRequestMethod()) {
                case "PUT" -> TestRegistry.failing(400, "MANIFEST_INVALID", "no").answer(exchange);
                case "HEAD" -> TestRegistry.lying("", new byte[0]).answer(exchange);
                default -> false;
              });
      var read = new HashMap<String, String>();
      for (String attr : attrs.replace("HOST", registry.host()).split(";", -1)) {
        int equals = attr.indexOf('=');
        read.put(attr.substring(0, equals), attr.substring(equals + 1));
      }
      var failure =
          assertThrows(BuildException.class, () -> export(read, LayerRig.result(snapshot())));
      return failure
          .message()
          .replace(registry.host(), "HOST")
          .replaceAll("sha256:[0-9a-f]{64}", "DIGEST");
    }
  }

  @Test
  void aFailedPushLeavesTheNamesAndSaysSo() throws Exception {
    assertEquals(
        "PUT http://HOST/v2/app/manifests/1: 400 MANIFEST_INVALID: no; the image stays in jbuild's"
            + " own store as 'HOST/app:1', 'app:2': run the same build again to push it",
        refused("push=true;name=HOST/app:1,app:2"));
    assertTrue(store.find(ImageRef.parse("app:2")).isPresent());
  }

  @Test
  void aFailedPushWithoutANameInTheStorePromisesNone() throws Exception {
    String words = "400 MANIFEST_INVALID: no; the build cache has what was built: ";
    assertEquals(
        "PUT http://HOST/v2/app/manifests/DIGEST: " + words + "run the same build again to push it",
        refused("push=true;push-by-digest=true;name=HOST/app"));
    assertEquals(
        "PUT http://HOST/v2/app/manifests/1: " + words + "run the same build again to push it",
        refused("push=true;store=false;name=HOST/app:1"));
    assertEquals(List.of(), store.list());
  }

  @Test
  void whatGetsNoNameHereIsPushedWhole() throws Exception {
    for (String attr : List.of("push-by-digest", "store")) {
      try (var registry = new TakingRegistry()) {
        String value = attr.equals("store") ? "false" : "true";
        Map<String, String> keys =
            export(
                Map.of("push", "true", attr, value, "name", registry.host() + "/app"),
                LayerRig.result(snapshot()));
        assertTrue(
            registry.has("app", keys.getOrDefault("containerimage.config.digest", "")),
            registry::toString);
        assertTrue(
            registry.has("app", keys.getOrDefault("containerimage.digest", "")),
            registry::toString);
      }
    }
  }
}
