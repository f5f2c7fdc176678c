package dev.jbuild.snapshot;

import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * Digests of files in layers, each taken once and kept. What is lost with the process is taken
 * again: writing them out is left to the store's own rhythm. Thread-safe.
 */
public final class StoredDigests implements FileDigests {
  private static final int HASH_BYTES = 32;

  private final MVMap<String, byte[]> digests;

  /**
   * @param store open; who opened it closes it
   */
  public StoredDigests(MVStore store) {
    this.digests =
        store.openMap(
            "digests",
            new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  @Override
  public Digest digest(LayerId layer, String path, Path file) throws IOException {
    String key = prefix(layer) + path;
    byte[] known = digests.get(key);
    if (known != null && known.length == HASH_BYTES) {
      return Digest.ofHash(known);
    }
    Digest digest = FileDigests.hash(file);
    digests.put(key, HexFormat.of().parseHex(digest.hex()));
    return digest;
  }

  /** Forgets a layer that was removed. */
  public void forget(LayerId layer) {
    var keys = new ArrayList<String>();
    Iterator<String> from = digests.keyIterator(prefix(layer));
    while (from.hasNext()) {
      String key = from.next();
      if (!key.startsWith(prefix(layer))) {
        break;
      }
      keys.add(key);
    }
    keys.forEach(digests::remove);
  }

  private static String prefix(LayerId layer) {
    return layer.value() + "/";
  }
}
