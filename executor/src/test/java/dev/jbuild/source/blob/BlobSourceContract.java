package dev.jbuild.source.blob;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.LayerRig;
import dev.jbuild.linux.FileStat;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.LayerId;
import dev.jbuild.source.Located;
import dev.jbuild.source.MadeLayers;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every place of blobs owes to those who use one as a file. */
@Timeout(60)
public abstract class BlobSourceContract {
  private static final Bytes HELLO = Bytes.utf8("hello");

  @TempDir protected Path directory;

  private final MVStore store = MVStore.open(null);
  private LayerRig rig;

  protected BlobSourceContract() {}

  /** The places under test. */
  protected abstract BlobPlaces places();

  /** Puts a blob where it is found by its digest. */
  protected abstract void publish(Bytes blob) throws IOException;

  /** Makes something else come where a digest is asked for. */
  protected abstract void damage(Digest digest) throws IOException;

  /** A name of the place, without a digest. */
  protected abstract String place();

  @BeforeEach
  void openRig() throws IOException {
    rig = new LayerRig(directory.resolve("state"));
  }

  @AfterEach
  void closeRig() {
    rig.close();
    store.close();
  }

  private BlobSource source() {
    var made = new MadeLayers(store, rig.snapshotter, rig.catalog, Clock.systemUTC());
    return new BlobSource(places(), new BlobFiles(rig.content, made, rig.kernel));
  }

  protected static SourceRequest request(String identifier, Map<String, String> attrs) {
    return new SourceRequest(identifier, attrs, LayerRig.AMD64);
  }

  private String identifier(Digest digest) {
    return places().scheme() + "://" + place() + "@" + digest;
  }

  private Located locate(Digest digest, Map<String, String> attrs) {
    return source().locate(request(identifier(digest), attrs), TransferProgress.NONE);
  }

  /** The only file of the only layer. */
  protected final Path file(Located located) throws IOException, InterruptedException {
    LayerId layer = located.snapshot().layers().getFirst();
    try (var files = Files.list(rig.snapshotter.directory(layer))) {
      List<Path> all = files.toList();
      assertEquals(1, all.size(), all.toString());
      return all.getFirst();
    }
  }

  protected final Path brought(Digest digest) throws IOException, InterruptedException {
    return file(locate(digest, Map.of()));
  }

  @Test
  void aFileHasTheBlobsBytesAndIsCalledAsItsDigest() throws Exception {
    publish(HELLO);
    Path file = brought(HELLO.digest());
    assertEquals("hello", Files.readString(file));
    assertEquals(HELLO.digest().hex(), file.getFileName().toString());
    FileStat stat = rig.kernel.stat(file);
    assertEquals(0600, stat.permissions());
    assertEquals(0, stat.modifiedNanos());
  }

  @Test
  void nameModeAndOwnerAreAsTheBuildWants() throws Exception {
    publish(HELLO);
    var attrs =
        Map.of("http.filename", "own", "http.perm", "0755", "http.uid", "3", "http.gid", "4");
    Path file = file(locate(HELLO.digest(), attrs));
    FileStat stat = rig.kernel.stat(file);
    assertEquals("own", file.getFileName().toString());
    assertEquals(0755, stat.permissions());
    assertEquals(3, stat.uid());
    assertEquals(4, stat.gid());
  }

  @Test
  void theKeyIsKnownBeforeTheBlobIsBrought() {
    Digest key = locate(HELLO.digest(), Map.of()).key();
    assertEquals(key, locate(HELLO.digest(), Map.of("http.perm", "0600")).key());
    assertNotEquals(key, locate(HELLO.digest(), Map.of("http.perm", "0644")).key());
    assertNotEquals(key, locate(HELLO.digest(), Map.of("http.filename", "x")).key());
    assertNotEquals(key, locate(Bytes.utf8("other").digest(), Map.of()).key());
  }

  @Test
  void aFileThatIsHereIsNotAskedForAgain() throws Exception {
    publish(HELLO);
    Path first = brought(HELLO.digest());
    rig.content.delete(HELLO.digest());
    damage(HELLO.digest());
    assertEquals(first, brought(HELLO.digest()));
  }

  @Test
  void aLargeBlobComesOver() throws Exception {
    var bytes = new byte[3 << 20];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i * 31 + (i >> 8));
    }
    Bytes large = Bytes.copyOf(bytes);
    publish(large);
    assertEquals(large.digest(), Digest.of(Files.readAllBytes(brought(large.digest()))));
  }

  @Test
  void anotherBlobThanWasAskedForIsRefused() throws Exception {
    publish(HELLO);
    damage(HELLO.digest());
    var e = assertThrows(BuildException.class, () -> brought(HELLO.digest()));
    assertEquals(Code.DATA_LOSS, e.code(), e.message());
    assertTrue(rig.content.size(HELLO.digest()).isEmpty());
  }

  @Test
  void aBlobThatIsNotThereIsNotFound() {
    var e = assertThrows(BuildException.class, () -> brought(HELLO.digest()));
    assertEquals(Code.NOT_FOUND, e.code(), e.message());
  }

  @Test
  void aFileIsNotPutIntoADirectory() {
    var e =
        assertThrows(
            BuildException.class,
            () -> locate(HELLO.digest(), Map.of("http.filename", "../passwd")));
    assertEquals("http.filename '../passwd': want a name without a directory", e.message());
  }

  @Test
  void whatItIsIsToldWithoutAsking() throws Exception {
    SourceRequest asked = request(identifier(HELLO.digest()), Map.of());
    assertEquals(
        new SourceFacts.Blob(),
        source().describe(asked, SourceQuestion.PLAIN, TransferProgress.NONE));
  }

  /** The text of a refusal to take an identifier. */
  protected final String refusal(String identifier) {
    var e = assertThrows(BuildException.class, () -> places().named(request(identifier, Map.of())));
    assertEquals(Code.INVALID, e.code());
    return e.message();
  }
}
