package dev.jbuild.source.blob;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Digest;
import dev.jbuild.registry.TransferProgress;
import dev.jbuild.snapshot.Snapshot;
import dev.jbuild.source.DescribedSource;
import dev.jbuild.source.FilePlace;
import dev.jbuild.source.Located;
import dev.jbuild.source.SourceFacts;
import dev.jbuild.source.SourceQuestion;
import dev.jbuild.source.SourceRequest;
import dev.jbuild.source.blob.BlobPlaces.NamedBlob;
import java.io.IOException;
import java.util.List;

/**
 * Blobs, each the only file of its tree. It is called as its digest's hex digits, unless the build
 * says otherwise. Source: wire facts, "SourceOp", {@code docker-image+blob}.
 */
public final class BlobSource implements DescribedSource {
  private final BlobPlaces places;
  private final BlobFiles files;

  public BlobSource(BlobPlaces places, BlobFiles files) {
    this.places = places;
    this.files = files;
  }

  @Override
  public String scheme() {
    return places.scheme();
  }

  @Override
  public Located locate(SourceRequest request, TransferProgress progress) {
    NamedBlob blob = places.named(request);
    FilePlace place = FilePlace.of(request).named(blob.digest().hex());
    return new Known(request.identifier(), blob, place, files, progress);
  }

  /** Nothing is asked for. */
  @Override
  public SourceFacts describe(
      SourceRequest request, SourceQuestion question, TransferProgress progress) {
    places.named(request);
    return new SourceFacts.Blob();
  }

  /** A file that is known without having been read. */
  private record Known(
      String identifier,
      NamedBlob blob,
      FilePlace place,
      BlobFiles files,
      TransferProgress progress)
      implements Located {

    @Override
    public Digest key() {
      return BlobFiles.key(blob, place);
    }

    @Override
    public Snapshot snapshot() throws InterruptedException {
      try {
        return new Snapshot(List.of(files.layer(blob, place, progress)));
      } catch (IOException e) {
        throw new BuildException(Code.FAILED, identifier + " cannot be kept: " + e.getMessage(), e);
      }
    }
  }
}
