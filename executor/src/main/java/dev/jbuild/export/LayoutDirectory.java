package dev.jbuild.export;

import dev.jbuild.content.ContentStore;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.session.OutputSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Adds an image to an OCI layout directory; what else is in it stays. The image is named last, and
 * blobs that were added are removed again when something fails.
 */
public final class LayoutDirectory {
  private static final String SENDING = "sending blobs";

  private final ContentStore content;

  public LayoutDirectory(ContentStore content) {
    this.content = content;
  }

  /** Adds it to the layout that an output is. */
  public void add(WrittenImage image, ExportContext context)
      throws IOException, InterruptedException {
    Optional<OutputSink.Blobs> blobs = context.outputs().blobs(context.index());
    if (blobs.isPresent()) {
      send(image, blobs.get(), context);
    } else {
      add(image, context.outputs().directory(context.index()));
    }
  }

  /** What a document names is there before it, so that a client that watches never misses any. */
  private void send(WrittenImage image, OutputSink.Blobs to, ExportContext context)
      throws IOException, InterruptedException {
    context.started(SENDING);
    var documents = new LinkedHashMap<Digest, Bytes>();
    for (WrittenImage.Variant variant : image.variants()) {
      for (Descriptor layer : variant.layers()) {
        Digest digest = layer.digest();
        to.put(digest, layer.sizeBytes(), () -> Channels.newInputStream(content.open(digest)));
      }
    }
    image.documents().forEach(documents::put);
    for (WrittenImage.Variant variant : image.variants()) {
      last(variant.manifest().digest(), documents);
    }
    last(image.root().digest(), documents);
    for (Map.Entry<Digest, Bytes> document : documents.entrySet()) {
      byte[] bytes = document.getValue().toArray();
      to.put(document.getKey(), bytes.length, () -> new ByteArrayInputStream(bytes));
    }
    context.done(SENDING);
  }

  private static void last(Digest digest, Map<Digest, Bytes> documents) {
    Bytes document = documents.remove(digest);
    if (document != null) {
      documents.put(digest, document);
    }
  }

  private void add(WrittenImage image, Path directory) throws IOException {
    Path blobs = Files.createDirectories(directory.resolve("blobs").resolve("sha256"));
    Deque<Path> added = new ArrayDeque<>();
    boolean whole = false;
    try {
      for (String hex : image.blobs().keySet()) {
        Path target = blobs.resolve(hex);
        if (!Files.exists(target)) {
          added.push(target);
          blob(new Digest(hex), image.documents().get(new Digest(hex)), target);
        }
      }
      LayoutIndex.add(directory, image.root(), image.names());
      whole = true;
    } finally {
      if (!whole) {
        for (Path blob : added) {
          Files.deleteIfExists(blob);
        }
      }
    }
  }

  private void blob(Digest digest, @Nullable Bytes document, Path target) throws IOException {
    if (document != null) {
      LayoutIndex.replace(target, document);
      return;
    }
    Path part = LayoutIndex.part(target);
    try (InputStream in = Channels.newInputStream(content.open(digest))) {
      Files.copy(in, part, StandardCopyOption.REPLACE_EXISTING);
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(part);
    }
  }
}
