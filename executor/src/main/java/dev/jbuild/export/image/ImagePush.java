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
import dev.jbuild.snapshot.LayerFetcher;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Sends an image under all its names: layers, configs, manifests, index, in this order. Used by one
 * thread.
 *
 * @param byDigest whether no tag is set
 * @param stored whether the names are in the own store already
 * @param fetcher brings a pulled layer that the registry has not
 */
record ImagePush(RegistryPush registry, boolean byDigest, boolean stored, LayerFetcher fetcher) {

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
    Map<String, Repository> pushed = new HashMap<>(); // one that has all blobs, by registry
    for (ImageRef name : image.names()) {
      var repository = new Repository(name.domain(), name.path());
      Repository full = pushed.putIfAbsent(name.domain(), repository);
      if (!repository.equals(full)) {
        registry.blobs(repository, layers(image, repository, full), context.progress());
        registry.blobs(repository, configs(image, full), context.progress());
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

  /** Of all platforms in turn, base first. */
  private List<RegistryPush.Blob> layers(
      WrittenImage image, Repository to, @Nullable Repository full) {
    var blobs = new ArrayList<RegistryPush.Blob>();
    for (WrittenImage.Variant variant : image.variants()) {
      for (Descriptor layer : variant.layers()) {
        String origin = variant.origins().getOrDefault(layer.digest(), "");
        Repository base = Repository.ofOrigin(origin);
        boolean near = base != null && base.domain().equals(to.domain()) && !base.equals(to);
        blobs.add(
            new RegistryPush.Blob(
                layer,
                null,
                full != null ? full : near ? base : null,
                origin.isEmpty() ? null : () -> fetcher.fetch(layer, origin)));
      }
    }
    return blobs;
  }

  private static List<RegistryPush.Blob> configs(WrittenImage image, @Nullable Repository full) {
    return image.variants().stream()
        .map(WrittenImage.Variant::config)
        .map(
            config ->
                new RegistryPush.Blob(Descriptor.of(MediaType.OCI_CONFIG, config), config, full))
        .toList();
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
        repository, tag.isEmpty() ? digest.toString() : tag, document, bytes, context.progress());
  }
}
