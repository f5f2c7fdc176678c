package dev.jbuild.export.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.export.BuildResult;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.WrittenImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.Http;
import dev.jbuild.registry.MemoryStore;
import dev.jbuild.registry.Pause;
import dev.jbuild.registry.RegistryConfig;
import dev.jbuild.registry.RegistryPush;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.OutputSink;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImagePushTest {
  private static final String LAYER = "layer";

  private final Http http = new Http();
  private final MemoryStore store = new MemoryStore();
  private final TakingRegistry registry = new TakingRegistry();
  private final Map<Digest, Bytes> documents = new HashMap<>();
  private final Map<Digest, String> origins = new HashMap<>();
  private final Map<String, String> shown = new HashMap<>(); // what stands for a digest

  ImagePushTest() throws IOException {}

  @AfterEach
  void close() {
    registry.close();
    http.close();
  }

  private static final class NoSink implements OutputSink {
    @Override
    public OutputStream openFile(int exporter) {
      throw new AssertionError("a push writes no file");
    }

    @Override
    public Path directory(int exporter) {
      throw new AssertionError("a push writes no directory");
    }
  }

  private Descriptor blob(MediaType type, String content) {
    Bytes bytes = Bytes.utf8(content);
    shown.put(store.put(bytes.toArray()).toString(), content);
    return Descriptor.of(type, bytes);
  }

  private WrittenImage.Variant variant(String architecture, String... layers) {
    Bytes config = Bytes.utf8("config-" + architecture);
    blob(MediaType.OCI_CONFIG, config.toUtf8());
    Descriptor manifest = document(MediaType.OCI_MANIFEST, "manifest-" + architecture);
    var platform = new Platform("linux", architecture, "");
    return new WrittenImage.Variant(
        platform,
        manifest,
        config,
        Stream.of(layers).map(each -> blob(MediaType.OCI_LAYER_GZIP, each)).toList(),
        origins,
        new BuildResult.PlatformImage(platform, Snapshot.SCRATCH, config, null));
  }

  private Descriptor document(MediaType type, String content) {
    Descriptor descriptor = blob(type, content);
    documents.put(descriptor.digest(), Bytes.utf8(content));
    return descriptor;
  }

  private void origin(String layer, String from) {
    origins.put(Bytes.utf8(layer).digest(), from);
  }

  /** Pushes under these names, and gives the requests with names in place of digests. */
  private List<String> push(Descriptor root, List<WrittenImage.Variant> variants, String... names)
      throws InterruptedException {
    var push =
        new RegistryPush(
            http,
            RegistryConfig.DEFAULT,
            false,
            host -> Optional.empty(),
            store,
            Clock.systemUTC(),
            Pause.REAL);
    List<ImageRef> refs =
        Stream.of(names).map(name -> ImageRef.parse(registry.host() + "/" + name)).toList();
    new ImagePush(push, false, true, (blob, origin) -> {})
        .run(
            new WrittenImage(root, refs, variants, documents),
            new ExportContext(new NoSink(), 0, TransferProgress.NONE, host -> Optional.empty()));
    var requests = new ArrayList<String>();
    for (String request : registry.requests()) {
      String named = request;
      for (Map.Entry<String, String> each : shown.entrySet()) {
        named = named.replace(each.getKey(), each.getValue());
      }
      requests.add(named);
    }
    return requests;
  }

  private static List<String> starting(List<String> requests, String with) {
    return requests.stream().filter(each -> each.startsWith(with)).toList();
  }

  @Test
  void configsFollowAllLayersAndManifestsFollowConfigs() throws Exception {
    List<WrittenImage.Variant> variants =
        List.of(
            variant("amd64", "layer-1", "layer-2", "layer-3"),
            variant("arm64", "layer-1", "layer-4"));
    List<String> requests = push(document(MediaType.OCI_INDEX, "index"), variants, "app:1");
    List<String> kinds =
        requests.stream()
            .map(
                request ->
                    request.replaceFirst(".*(layer|config|manifest-|app/manifests/1).*", "$1"))
            .map(kind -> kind.startsWith("POST") ? "" : kind)
            .filter(kind -> !kind.isEmpty())
            .toList();
    var order = new ArrayList<String>();
    for (String kind : kinds) {
      if (order.isEmpty() || !order.getLast().equals(kind)) {
        order.add(kind);
      }
    }
    assertEquals(List.of(LAYER, "config", "manifest-", "app/manifests/1"), order);
    assertEquals(4, starting(requests, "HEAD /v2/app/blobs/" + LAYER).size(), requests::toString);
    assertEquals(
        List.of(
            "HEAD /v2/app/manifests/manifest-amd64",
            "PUT /v2/app/manifests/manifest-amd64",
            "HEAD /v2/app/manifests/manifest-arm64",
            "PUT /v2/app/manifests/manifest-arm64",
            "HEAD /v2/app/manifests/1",
            "PUT /v2/app/manifests/1"),
        requests.subList(requests.size() - 6, requests.size()));
  }

  @Test
  void layersOfABaseAtTheSameRegistryAreMountedFromThere() throws Exception {
    origin("layer-1", "docker-image://" + registry.host() + "/team/base");
    origin("layer-2", "docker-image://docker.io/library/other");
    origin("layer-3", "docker-image://" + registry.host() + "/app");
    origin("layer-4", "oci-layout://x");
    WrittenImage.Variant variant =
        variant("amd64", "layer-1", "layer-2", "layer-3", "layer-4", "layer-5");
    assertEquals(
        List.of(
            "POST /v2/app/blobs/uploads/",
            "POST /v2/app/blobs/uploads/",
            "POST /v2/app/blobs/uploads/",
            "POST /v2/app/blobs/uploads/",
            "POST /v2/app/blobs/uploads/",
            "POST /v2/app/blobs/uploads/?mount=layer-1&from=team/base"),
        starting(push(variant.manifest(), List.of(variant), "app:1"), "POST").stream()
            .sorted()
            .toList());
  }

  @Test
  void furtherRepositoriesMountAllFromTheFirst() throws Exception {
    origin("layer-1", "docker-image://" + registry.host() + "/team/base");
    WrittenImage.Variant variant = variant("amd64", "layer-1", "layer-2");
    List<String> requests = push(variant.manifest(), List.of(variant), "app:1", "copy:1", "app:2");
    assertEquals(
        List.of(
            "POST /v2/copy/blobs/uploads/?mount=config-amd64&from=app",
            "POST /v2/copy/blobs/uploads/?mount=layer-1&from=app",
            "POST /v2/copy/blobs/uploads/?mount=layer-2&from=app"),
        starting(requests, "POST /v2/copy").stream().sorted().toList());
    assertEquals(
        List.of("HEAD /v2/app/manifests/2", "PUT /v2/app/manifests/2"),
        requests.subList(requests.size() - 2, requests.size()));
    assertTrue(registry.has("copy", variant.manifest().digest().toString()));
  }
}
