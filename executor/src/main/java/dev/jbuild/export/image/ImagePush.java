package dev.jbuild.export.image;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.export.ExportContext;
import dev.jbuild.export.WrittenImage;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import dev.jbuild.registry.RegistryPush;
import dev.jbuild.registry.Repository;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sends an image under all its names: blobs, manifests, index, in this order. Used by one thread.
 *
 * @param byDigest whether no tag is set
 * @param stored whether the names are in the own store already
 */
record ImagePush(RegistryPush registry, boolean byDigest, boolean stored) {

  void run(WrittenImage image, ExportContext context) throws InterruptedException {
    if (image.names().isEmpty()) {
      throw new BuildException(
          Code.INVALID, "output type=image: name=* was given, and the result has no name to push");
    }
    try {
      send(image, context);
    } catch (BuildException e) {
      throw new BuildException(e.code(), e.message() + "; " + rest(image), e, e.details());
    }
  }

  /** What is there nevertheless, and how to go on. */
  private String rest(WrittenImage image) {
    String again = ": run the same build again to push it";
    if (!stored) {
      return "the build cache has what was built" + again;
    }
    return image.names().stream()
        .map(name -> "'" + name.familiar() + "'")
        .collect(Collectors.joining(", ", "the image stays in jbuild's own store as ", again));
  }

  private void send(WrittenImage image, ExportContext context) throws InterruptedException {
    var blobs = new ArrayList<Descriptor>();
    for (WrittenImage.Variant variant : image.variants()) {
      blobs.addAll(variant.layers());
      blobs.add(Descriptor.of(MediaType.OCI_CONFIG, variant.config()));
    }
    Map<String, String> pushed = new HashMap<>(); // a repository with the blobs, by registry
    for (ImageRef name : image.names()) {
      var repository = new Repository(name.domain(), name.path());
      String from = pushed.putIfAbsent(name.domain(), name.path());
      if (!name.path().equals(from)) {
        registry.blobs(repository, blobs, from, context.progress());
      }
      String shown = "pushing manifest for " + name + "@" + image.root().digest();
      context.started(shown);
      for (WrittenImage.Variant variant : image.variants()) {
        if (!variant.manifest().digest().equals(image.root().digest())) {
          document(repository, variant.manifest(), "", image, context);
        }
      }
      String tag = byDigest || name.tag() == null ? "" : name.tag();
      document(repository, image.root(), tag, image, context);
      context.done(shown);
    }
  }

  private void document(
      Repository repository,
      Descriptor document,
      String tag,
      WrittenImage image,
      ExportContext context)
      throws InterruptedException {
    Digest digest = document.digest();
    Bytes bytes = image.documents().get(digest);
    if (bytes == null) {
      throw new IllegalStateException("document " + digest + " was not written");
    }
    registry.document(
        repository,
        tag.isEmpty() ? digest.toString() : tag,
        document.mediaType().value(),
        bytes,
        context.progress());
  }
}
