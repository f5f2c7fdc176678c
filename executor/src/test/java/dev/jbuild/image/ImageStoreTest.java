package dev.jbuild.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import dev.jbuild.oci.Platform;
import dev.jbuild.snapshot.LayerId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageStoreTest {
  private static final ImageRef APP = ImageRef.parse("app:1");

  @TempDir Path directory;

  static StoredImage image(String name, int number) {
    Bytes config = Bytes.utf8("{\"number\":" + number + "}");
    Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, Bytes.utf8("manifest" + number));
    var variant =
        new StoredImage.Variant(
            new Platform("linux", "arm64", "v9", "1.2", List.of("x", "y")),
            manifest,
            config,
            List.of(new LayerId("base"), new LayerId("l" + number)),
            5_000_000_000L);
    return new StoredImage(
        ImageRef.parse(name),
        manifest,
        Instant.parse("2026-01-02T03:04:05.000000006Z"),
        List.of(variant));
  }

  private MVStore open() {
    return MVStore.open(directory.resolve("images.mv").toString());
  }

  @Test
  void imageIsFoundAgainByNameAfterReopening() {
    try (MVStore store = open()) {
      new ImageStore(store).put(image("app:1", 1));
    }
    try (MVStore store = open()) {
      assertEquals(Optional.of(image("app:1", 1)), new ImageStore(store).find(APP));
    }
  }

  @Test
  void nameGoesToTheNewestImage() {
    try (MVStore store = open()) {
      var images = new ImageStore(store);
      images.put(image("app:1", 1));
      images.put(image("app:1", 2));
      assertEquals(List.of(image("app:1", 2)), images.list());
    }
  }

  @Test
  void digestFindsTheImageWhateverItsTag() {
    try (MVStore store = open()) {
      var images = new ImageStore(store);
      images.put(image("app:1", 1));
      images.put(image("app:2", 2));
      var second = ImageRef.parse("app:1").withDigest(image("app:2", 2).root().digest());
      assertEquals(Optional.of(image("app:2", 2)), images.find(second));
      var other = ImageRef.parse("other").withDigest(image("app:2", 2).root().digest());
      assertEquals(Optional.empty(), images.find(other));
    }
  }

  @Test
  void removedNameIsGone() {
    try (MVStore store = open()) {
      var images = new ImageStore(store);
      images.put(image("app:1", 1));
      assertTrue(images.remove(APP));
      assertFalse(images.remove(APP));
      assertEquals(Optional.empty(), images.find(APP));
    }
  }

  @Test
  void layersOfAllImagesAreInUse() {
    try (MVStore store = open()) {
      var images = new ImageStore(store);
      images.put(image("app:1", 1));
      images.put(image("app:2", 2));
      assertEquals(
          Set.of(new LayerId("base"), new LayerId("l1"), new LayerId("l2")), images.layersInUse());
    }
  }

  @Test
  void damagedRecordCountsAsNotThere() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    byte[] good = StoredImageCodec.write(image("app:1", 1));
    try (MVStore store = open()) {
      var images = new ImageStore(store);
      MVMap<String, byte[]> raw = store.openMap("images");
      for (int round = 0; round < 2_000; round++) {
        byte[] bad = java.util.Arrays.copyOf(good, random.nextInt(good.length));
        raw.put(APP.toString(), bad);
        assertEquals(Optional.empty(), images.find(APP), "seed " + seed);
      }
    }
  }

  @Test
  void whatWasPutSurvivesKill() throws Exception {
    Path file = directory.resolve("killed.mv");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    var reported = new ArrayList<String>();
    try (BufferedReader lines = child.inputReader(StandardCharsets.UTF_8)) {
      while (reported.size() < 50) {
        String line = lines.readLine();
        if (line == null) {
          throw new AssertionError("the writer ended by itself");
        }
        reported.add(line);
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    try (MVStore store = MVStore.open(file.toString())) {
      var images = new ImageStore(store);
      for (String name : reported) {
        assertTrue(images.find(ImageRef.parse(name)).isPresent(), name);
      }
    }
  }

  /** Puts images for ever and prints each name once it is put. */
  static final class Writer {
    private Writer() {}

    public static void main(String[] arguments) throws IOException {
      try (MVStore store = MVStore.open(arguments[0]);
          var out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out))) {
        var images = new ImageStore(store);
        for (int number = 0; ; number++) {
          images.put(image("app:" + number, number));
          out.println("app:" + number);
        }
      }
    }
  }
}
