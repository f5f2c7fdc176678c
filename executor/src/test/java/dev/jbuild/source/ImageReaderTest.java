package dev.jbuild.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.LayoutFixture;
import dev.jbuild.registry.MemoryStore;
import dev.jbuild.registry.TransferProgress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ImageReaderTest {
  private static final Platform AMD64 = new Platform("linux", "amd64", "");
  private static final Platform ARM64 = new Platform("linux", "arm64", "");
  private static final Platform ARM6 = new Platform("linux", "arm", "v6");

  private final MemoryStore store = new MemoryStore();
  private final Place place = new Place();

  /** A place in memory. */
  static final class Place implements ImageBlobs {
    final Map<Digest, Bytes> blobs = new HashMap<>();
    final List<Digest> asked = new ArrayList<>();

    Digest put(Bytes blob) {
      blobs.put(blob.digest(), blob);
      return blob.digest();
    }

    @Override
    public String origin() {
      return "place";
    }

    @Override
    public Bytes document(Digest digest, TransferProgress progress) {
      asked.add(digest);
      return get(digest);
    }

    Bytes get(Digest digest) {
      Bytes blob = blobs.get(digest);
      if (blob == null) {
        throw new BuildException(Code.NOT_FOUND, "no " + digest);
      }
      return blob;
    }

    @Override
    public void bring(Descriptor blob, ContentStore to, TransferProgress progress)
        throws IOException {
      byte[] bytes = document(blob.digest(), progress).toArray();
      try (ContentStore.Ingest ingest = to.ingest()) {
        ingest.write(bytes, 0, bytes.length);
        ingest.commit(blob.digest());
      }
    }
  }

  private FoundImage read(Digest root, Platform platform) throws IOException, InterruptedException {
    return new ImageReader(store).read("app", place, root, null, platform, TransferProgress.NONE);
  }

  private String failure(Digest root, Platform platform) {
    return assertThrows(BuildException.class, () -> read(root, platform)).message();
  }

  private LayoutFixture.Image image(Platform platform, String... files) {
    LayoutFixture.Image image = LayoutFixture.image(platform, files);
    place.blobs.putAll(image.blobs());
    return image;
  }

  private Digest json(String text) {
    return place.put(Bytes.utf8(text));
  }

  @Test
  void manifestIsReadWithoutItsLayers() throws Exception {
    LayoutFixture.Image image = image(AMD64, "a", "b");
    FoundImage found = read(image.manifest().digest(), AMD64);
    assertEquals(image.manifest().digest(), found.rootDigest());
    assertEquals(image.configJson(), found.configJson());
    assertEquals(2, found.layers().size());
    assertEquals(List.of(image.manifest().digest(), image.configJson().digest()), place.asked);
  }

  @Test
  void documentsAreAskedForOnce() throws Exception {
    LayoutFixture.Image image = image(AMD64, "a");
    read(image.manifest().digest(), AMD64);
    read(image.manifest().digest(), AMD64);
    assertEquals(2, place.asked.size());
  }

  @Test
  void indexGivesTheImageOfThePlatform() throws Exception {
    LayoutFixture.Image arm = image(ARM64, "arm");
    Digest index = place.put(LayoutFixture.index(List.of(image(AMD64, "amd"), arm)));
    FoundImage found = read(index, ARM64);
    assertEquals(index, found.rootDigest());
    assertEquals(arm.manifest().digest(), found.manifestDigest());
  }

  @Test
  void lesserVariantServesWhenThereIsNoBetter() throws Exception {
    LayoutFixture.Image arm = image(ARM6, "arm");
    Digest index = place.put(LayoutFixture.index(List.of(image(AMD64, "amd"), arm)));
    FoundImage found = read(index, new Platform("linux", "arm", "v7"));
    assertEquals(arm.manifest().digest(), found.manifestDigest());
  }

  @Test
  void entryWithoutPlatformIsJudgedByItsConfig() throws Exception {
    LayoutFixture.Image amd = image(AMD64, "amd");
    LayoutFixture.Image arm = image(ARM64, "arm");
    var entries = new ArrayList<String>();
    for (LayoutFixture.Image each : List.of(amd, arm)) {
      Descriptor manifest = each.manifest();
      entries.add(
          "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
              .formatted(manifest.mediaType(), manifest.digest(), manifest.sizeBytes()));
    }
    Digest index = json("{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
    assertEquals(arm.manifest().digest(), read(index, ARM64).manifestDigest());
  }

  @Test
  void missingPlatformNamesThoseThatAreThere() {
    Digest index = place.put(LayoutFixture.index(List.of(image(AMD64, "a"), image(ARM6, "b"))));
    assertEquals(
        "image 'app' is not there for linux/s390x, it offers linux/amd64, linux/arm/v6",
        failure(index, new Platform("linux", "s390x", "")));
  }

  @Test
  void brokenJsonIsNotUsable() {
    Digest broken = json("{\"schemaVersion\":");
    String message = failure(broken, AMD64);
    assertEquals(
        "image 'app' is not usable: " + broken + ": is not valid JSON",
        message.substring(0, message.indexOf(" at line")));
  }

  @Test
  void artifactIsNoImage() {
    String type = "application/vnd.example.chart";
    Digest config = json("{}");
    Digest artifact =
        json(
            "{\"schemaVersion\":2,\"config\":{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2},"
                    .formatted(type, config)
                + "\"layers\":[]}");
    assertEquals(
        "image 'app' is not usable: "
            + artifact
            + ": its config is of type 'application/vnd.example.chart', so it is no image",
        failure(artifact, AMD64));
  }

  @Test
  void layersThatTheConfigDoesNotKnowAreRefused() {
    LayoutFixture.Image one = image(AMD64, "a");
    LayoutFixture.Image two = image(AMD64, "a", "b");
    String manifest =
        place
            .get(two.manifest().digest())
            .toUtf8()
            .replace(two.configJson().digest().toString(), one.configJson().digest().toString())
            .replace(
                "\"size\": " + two.configJson().size(), "\"size\": " + one.configJson().size());
    Digest mixed = json(manifest);
    assertEquals(
        "image 'app' is not usable: " + mixed + ": it lists 2 layers, its config 1",
        failure(mixed, AMD64));
  }

  @Test
  void anyDamageIsOneClearFailure() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    LayoutFixture.Image image = image(AMD64, "a", "b");
    Digest index = place.put(LayoutFixture.index(List.of(image)));
    for (Digest document : List.of(index, image.manifest().digest(), image.configJson().digest())) {
      byte[] good = place.get(document).toArray();
      for (int round = 0; round < 1_000; round++) {
        byte[] bad = good.clone();
        for (int i = random.nextInt(4); i >= 0; i--) {
          bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
        }
        var damaged = new Place();
        damaged.blobs.putAll(place.blobs);
        damaged.blobs.put(document, Bytes.copyOf(bad));
        try {
          new ImageReader(new LyingStore())
              .read("app", damaged, index, null, AMD64, TransferProgress.NONE);
        } catch (BuildException | IOException expected) {
          // that is how it should end
        } catch (InterruptedException | RuntimeException e) {
          throw new AssertionError(
              "seed " + seed + ": " + new String(bad, StandardCharsets.UTF_8), e);
        }
      }
    }
  }

  /** Keeps bytes under the digest that is claimed, so that damage gets through to the parser. */
  private static final class LyingStore implements ContentStore {
    private final Map<Digest, MemoryStore> claims = new HashMap<>();
    private final Map<Digest, Digest> real = new HashMap<>();

    @Override
    public java.util.OptionalLong size(Digest digest) {
      MemoryStore store = claims.get(digest);
      return store == null
          ? java.util.OptionalLong.empty()
          : store.size(real.getOrDefault(digest, digest));
    }

    @Override
    public java.nio.channels.SeekableByteChannel open(Digest digest) throws IOException {
      MemoryStore store = claims.get(digest);
      if (store == null) {
        throw new java.nio.file.NoSuchFileException(digest.toString());
      }
      return store.open(real.getOrDefault(digest, digest));
    }

    @Override
    public Ingest ingest() {
      var store = new MemoryStore();
      Ingest inner = store.ingest();
      return new Ingest() {
        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
          inner.write(bytes, offset, length);
        }

        @Override
        public long written() {
          return inner.written();
        }

        @Override
        public Digest commit() throws IOException {
          return inner.commit();
        }

        @Override
        public void commit(Digest expected) throws IOException {
          real.put(expected, inner.commit());
          claims.put(expected, store);
        }

        @Override
        public void close() throws IOException {
          inner.close();
        }
      };
    }

    @Override
    public void delete(Digest digest) {
      claims.remove(digest);
    }
  }
}
