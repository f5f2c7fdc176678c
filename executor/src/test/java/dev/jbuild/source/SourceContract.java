package dev.jbuild.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.LayerRig;
import dev.jbuild.oci.Platform;
import dev.jbuild.registry.LayoutFixture;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.FileTree;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every source of images owes. */
public abstract class SourceContract {
  protected static final Platform AMD64 = LayerRig.AMD64;

  @TempDir protected Path directory;

  protected LayerRig rig;

  protected SourceContract() {}

  /** The source under test, whose layers the rig fetches. */
  protected abstract Source create() throws IOException;

  /** Makes an image reachable and gives an identifier by tag. */
  protected abstract String publish(LayoutFixture.Image image, String tag) throws IOException;

  /** The same identifier, with the digest in place of the tag. */
  protected abstract String pinned(LayoutFixture.Image image, String tag);

  /** An identifier of something that is not there. */
  protected abstract String missing();

  @BeforeEach
  void openRig() throws IOException {
    rig = new LayerRig(directory.resolve("state"));
  }

  @AfterEach
  void closeRig() {
    rig.close();
  }

  protected static SourceRequest request(String identifier, Map<String, String> attrs) {
    return new SourceRequest(identifier, attrs, AMD64);
  }

  protected Located locate(String identifier) throws IOException, InterruptedException {
    return create().locate(request(identifier, Map.of()), TransferProgress.NONE);
  }

  @Test
  void nothingIsBroughtUntilItIsNeeded() throws Exception {
    String identifier = publish(LayoutFixture.image(AMD64, "a", "b"), "1");
    Snapshot snapshot = locate(identifier).snapshot();
    assertEquals(2, snapshot.layers().size());
    assertEquals(List.of(), rig.fetched);
  }

  @Test
  void neededLayersHaveTheirFiles() throws Exception {
    String identifier = publish(LayoutFixture.image(AMD64, "a", "b"), "1");
    FileTree tree = rig.trees().open(locate(identifier).snapshot());
    assertTrue(tree.lookup("a") != null && tree.lookup("b") != null);
  }

  @Test
  void tagAndDigestHaveTheSameKeyAndLayers() throws Exception {
    LayoutFixture.Image image = LayoutFixture.image(AMD64, "a", "b");
    Located tag = locate(publish(image, "1"));
    Located digest = locate(pinned(image, "1"));
    assertEquals(tag.key(), digest.key());
    assertEquals(tag.snapshot(), digest.snapshot());
  }

  @Test
  void otherLayersHaveAnotherKey() throws Exception {
    Located one = locate(publish(LayoutFixture.image(AMD64, "a"), "1"));
    Located two = locate(publish(LayoutFixture.image(AMD64, "b"), "2"));
    assertNotEquals(one.key(), two.key());
  }

  @Test
  void imagesShareTheLayersThatTheyBothBeginWith() throws Exception {
    List<LayerId> one =
        locate(publish(LayoutFixture.image(AMD64, "a", "b"), "1")).snapshot().layers();
    List<LayerId> two =
        locate(publish(LayoutFixture.image(AMD64, "a", "c"), "2")).snapshot().layers();
    assertEquals(one.getFirst(), two.getFirst());
    assertNotEquals(one.getLast(), two.getLast());
  }

  @Test
  void imageWithoutLayersIsTheEmptySnapshot() throws Exception {
    Located empty = locate(publish(LayoutFixture.image(AMD64), "1"));
    assertEquals(Snapshot.SCRATCH, empty.snapshot());
  }

  @Test
  void whatIsNotThereIsNotFound() {
    BuildException failure = assertThrows(BuildException.class, () -> locate(missing()));
    assertEquals(Code.NOT_FOUND, failure.code(), failure.message());
  }
}
