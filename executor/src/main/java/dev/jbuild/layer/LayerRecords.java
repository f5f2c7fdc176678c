package dev.jbuild.layer;

import dev.jbuild.content.DiskFull;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.snapshot.LayerId;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The records of layers, a small file each: written under another name and renamed, so that a crash
 * leaves the old one or the new one. A record that cannot be read is as good as none. Safe for use
 * by several threads.
 */
final class LayerRecords {
  private static final System.Logger LOG = System.getLogger(LayerRecords.class.getName());
  private static final String NEW = ".new-";

  private final Path root;
  private final ConcurrentHashMap<LayerId, LayerRecord> known = new ConcurrentHashMap<>();
  private final AtomicLong counter = new AtomicLong();

  LayerRecords(Path root) {
    this.root = root;
  }

  void open() throws IOException {
    Files.createDirectories(root);
    try (var files = Files.newDirectoryStream(root, NEW + "*")) {
      for (Path left : files) {
        Files.delete(left);
      }
    }
  }

  @Nullable LayerRecord find(LayerId layer) {
    LayerRecord record = known.get(layer);
    if (record == null) {
      record = read(layer);
      if (record != null) {
        known.put(layer, record);
      }
    }
    return record;
  }

  private @Nullable LayerRecord read(LayerId layer) {
    Path file = root.resolve(layer.value());
    try {
      return LayerRecord.parse(Files.readString(file));
    } catch (NoSuchFileException e) {
      return null;
    } catch (OciFormatException e) {
      LOG.log(Level.WARNING, "layer record " + file + " is passed over: " + e.getMessage());
      return null;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "layer record " + file + " cannot be read", e);
      return null;
    }
  }

  void put(LayerId layer, LayerRecord record) throws IOException {
    Path file = root.resolve(layer.value());
    Path fresh = root.resolve(NEW + counter.incrementAndGet());
    try {
      Files.writeString(fresh, record.text());
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw DiskFull.orSame(file, e);
    }
    known.put(layer, record);
  }
}
