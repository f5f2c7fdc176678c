package dev.jbuild.daemon.storage;

import dev.jbuild.content.LayoutContentStore;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import dev.jbuild.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Blobs of images: what was pulled, or packed to be sent away; both can be had again. */
record BlobHolding(LayoutContentStore content, ImageStore images, UseLog uses) implements Holding {
  private static final String KEY = "blob:";

  @Override
  public List<UsageRecord> records(UseLog.Scan scan) throws IOException {
    Set<Digest> documents = documents();
    var records = new ArrayList<UsageRecord>();
    for (LayoutContentStore.Blob blob : content.blobs()) {
      String key = KEY + blob.digest().hex();
      UseLog.Use use = uses.find(key);
      records.add(
          new UsageRecord(
              blob.digest().toString(),
              UsageRecord.Type.REGULAR,
              documents.contains(blob.digest()) ? "document of a named image" : "blob of an image",
              blob.sizeBytes(),
              blob.made(),
              use == null ? null : use.last(),
              use == null ? 0 : use.count(),
              List.of(),
              scan.uses(key) || scan.covers(blob.made()),
              documents.contains(blob.digest()),
              false));
    }
    return records;
  }

  /** What names stand for. */
  private Set<Digest> documents() {
    var documents = new HashSet<Digest>();
    for (StoredImage image : images.list()) {
      documents.add(image.root().digest());
      for (StoredImage.Variant variant : image.variants()) {
        documents.add(variant.manifest().digest());
        documents.add(variant.id());
      }
    }
    return documents;
  }

  @Override
  public boolean remove(UsageRecord record, UseLog.Scan scan) throws IOException {
    Digest digest = Digest.parse(record.id());
    String key = KEY + digest.hex();
    Boolean gone =
        scan.alone(
            late -> {
              if (late.contains(key)) {
                return null;
              }
              content.delete(digest);
              return true;
            });
    uses.forget(key);
    return gone != null;
  }
}
