package dev.jbuild.source;

import dev.jbuild.content.ContentStore;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.LayerFetcher;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Fetches layers with the rights of a build that named their image: builds offer the places they
 * have found, for as long as they run. One blob is fetched once at a time. Safe for use by several
 * threads.
 */
public final class LayerFetches implements LayerFetcher {
  private final ContentStore content;
  private final Fallback fallback;
  private final SingleFlight<Digest, Digest> flights = new SingleFlight<>();
  private final Map<String, Map<Object, Offer>> offers = new HashMap<>();

  /**
   * @param fallback for layers that no running build offers
   */
  public LayerFetches(ContentStore content, Fallback fallback) {
    this.content = content;
    this.fallback = fallback;
  }

  /** Opens an origin with nobody's rights. */
  public interface Fallback {
    /** The place, or null when it can only be read by the build that offered it. */
    @Nullable ImageBlobs open(String origin);
  }

  private record Offer(ImageBlobs blobs, TransferProgress progress) {}

  /**
   * Lets layers be fetched from a place until the job ends.
   *
   * @param job identity of the build
   * @param progress shows the transfers
   */
  public void offer(Object job, ImageBlobs blobs, TransferProgress progress) {
    synchronized (offers) {
      offers
          .computeIfAbsent(blobs.origin(), origin -> new LinkedHashMap<>())
          .put(job, new Offer(blobs, progress));
    }
  }

  /** Takes back all offers of a job. */
  public void end(Object job) {
    synchronized (offers) {
      offers.values().forEach(byJob -> byJob.remove(job));
      offers.values().removeIf(Map::isEmpty);
    }
  }

  @Override
  public void fetch(Descriptor blob, String origin) throws IOException, InterruptedException {
    Digest done =
        flights.run(
            blob.digest(),
            IOException.class,
            () -> {
              if (content.size(blob.digest()).isEmpty()) {
                Offer offer = find(blob, origin);
                offer.blobs().bring(blob, content, offer.progress());
              }
              return blob.digest();
            });
    if (!done.equals(blob.digest())) {
      throw new IllegalStateException("another flight answered");
    }
  }

  private Offer find(Descriptor blob, String origin) {
    synchronized (offers) {
      Map<Object, Offer> byJob = offers.get(origin);
      if (byJob != null) {
        return byJob.values().iterator().next();
      }
    }
    ImageBlobs open = fallback.open(origin);
    if (open == null) {
      throw new BuildException(
          Code.NOT_FOUND,
          "layer "
              + blob.digest()
              + " is only in '"
              + origin
              + "', which no running build offers: build with that context again");
    }
    return new Offer(open, TransferProgress.NONE);
  }
}
