package dev.jbuild.image;

import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.snapshot.LayerId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * Names of images. What {@link #put} has returned from survives the death of the process. A record
 * that cannot be read counts as not there: the store may forget, it never lies. Safe for use by
 * several threads.
 */
public final class ImageStore {
  private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());

  private final MVStore store;
  private final MVMap<String, byte[]> images;

  /**
   * @param store open; who opened it closes it
   */
  public ImageStore(MVStore store) {
    this.store = store;
    this.images =
        store.openMap(
            "images",
            new MVMap.Builder<String, byte[]>()
                .keyType(StringDataType.INSTANCE)
                .valueType(ByteArrayDataType.INSTANCE));
  }

  /** Gives the image its name, which another one loses if it had it. */
  public void put(StoredImage image) {
    images.put(image.name().toString(), StoredImageCodec.write(image));
    store.commit();
  }

  /**
   * The image of a name.
   *
   * @param name with a digest, the image must have it; a tag counts only where there is no digest
   */
  public Optional<StoredImage> find(ImageRef name) {
    Digest digest = name.digest();
    if (digest == null) {
      return read(name.toString());
    }
    return list().stream()
        .filter(image -> image.name().name().equals(name.name()) && hasDigest(image, digest))
        .findFirst();
  }

  private static boolean hasDigest(StoredImage image, Digest digest) {
    return image.root().digest().equals(digest)
        || image.variants().stream().anyMatch(each -> each.manifest().digest().equals(digest));
  }

  /** All images, by name. */
  public List<StoredImage> list() {
    var all = new ArrayList<StoredImage>();
    for (String name : images.keySet()) {
      read(name).ifPresent(all::add);
    }
    return Collections.unmodifiableList(all);
  }

  /**
   * Takes the name away; what the image was made of is the collector's matter.
   *
   * @return whether there was one
   */
  public boolean remove(ImageRef name) {
    boolean there = images.remove(name.toString()) != null;
    store.commit();
    return there;
  }

  /** Layers that must stay, because an image is made of them. */
  public Set<LayerId> layersInUse() {
    var used = new HashSet<LayerId>();
    for (StoredImage image : list()) {
      image.variants().forEach(variant -> used.addAll(variant.layers()));
    }
    return Collections.unmodifiableSet(used);
  }

  private Optional<StoredImage> read(String name) {
    byte[] record = images.get(name);
    if (record == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(StoredImageCodec.read(name, record));
    } catch (OciFormatException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.WARNING, "image " + name + ": its record is not readable", e);
      return Optional.empty();
    }
  }
}
