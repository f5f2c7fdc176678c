package dev.jbuild.source.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.MemoryStore;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.session.LayoutAccess;
import dev.jbuild.session.direct.DirectoryLayouts;
import dev.jbuild.source.blob.BlobPlaces;
import dev.jbuild.source.blob.BlobSourceContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LayoutBlobPlacesTest extends BlobSourceContract {

  private Path blob(Digest digest) {
    return directory.resolve("layout/blobs/sha256").resolve(digest.hex());
  }

  private LayoutAccess access(String session) {
    return session.isEmpty() || session.equals("theirs")
        ? new DirectoryLayouts(Map.of("base", directory.resolve("layout")))
        : LayoutAccess.NONE;
  }

  @Override
  protected BlobPlaces places() {
    return new LayoutBlobPlaces(this::access);
  }

  @Override
  protected void publish(Bytes blob) throws IOException {
    Path file = blob(blob.digest());
    Files.createDirectories(file.getParent());
    Files.writeString(directory.resolve("layout/oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
    Files.write(file, blob.toArray());
  }

  @Override
  protected void damage(Digest digest) throws IOException {
    Files.writeString(blob(digest), "other");
  }

  @Override
  protected String place() {
    return "base";
  }

  @Test
  void theSessionAndTheStoreThatTheGraphNamesAreAsked() throws Exception {
    Bytes hello = Bytes.utf8("hello");
    publish(hello);
    var attrs = Map.of("oci.session", "prefix:theirs", "oci.store", "base");
    var store = new MemoryStore();
    places()
        .named(request("oci-layout+blob://any@" + hello.digest(), attrs))
        .bring(store, TransferProgress.NONE);
    assertEquals(5, store.size(hello.digest()).orElse(0));
  }

  @Test
  void aStoreAloneNamesNoBlob() {
    assertEquals(
        "'oci-layout+blob://base': a blob is named by its digest, want"
            + " 'oci-layout+blob://STORE@sha256:...'",
        refusal("oci-layout+blob://base"));
    assertEquals(
        "oci layout 'base@sha256:12': malformed digest, want 'sha256:' and 64 hex digits",
        refusal("oci-layout+blob://base@sha256:12"));
  }
}
