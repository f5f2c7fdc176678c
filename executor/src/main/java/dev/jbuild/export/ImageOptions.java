package dev.jbuild.export;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.MediaType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an image is written. Source: Dockerfile facts, "Exporter attrs".
 *
 * @param names normalized, with tags; may be empty
 * @param nameFromResult whether the result says the names
 * @param level of the compression; -1 for its default
 * @param forced whether layers that are packed otherwise are packed anew
 * @param epoch upper bound of the times written, or null
 */
public record ImageOptions(
    List<ImageRef> names,
    boolean nameFromResult,
    MediaType.Compression compression,
    int level,
    boolean forced,
    MediaType.Column column,
    @Nullable Instant epoch,
    Annotations annotations) {

  public ImageOptions {
    names = List.copyOf(names);
  }

  /**
   * Reads the attributes that all image exporters share.
   *
   * @param oci whether only OCI's media types will do
   */
  public static ImageOptions read(Attrs attrs, boolean oci) {
    boolean ociTypes = attrs.flag("oci-mediatypes", true);
    if (oci && !ociTypes) {
      throw attrs.invalid("oci-mediatypes", "false", "this format always has OCI media types");
    }
    String compression = attrs.text("compression");
    MediaType.Compression packed =
        switch (compression) {
          case "", "gzip" -> MediaType.Compression.GZIP;
          case "zstd" -> MediaType.Compression.ZSTD;
          case "uncompressed" -> MediaType.Compression.NONE;
          case "estargz" ->
              throw new BuildException(
                  Code.UNIMPLEMENTED, "compression 'estargz' is not offered yet, use 'gzip'");
          default ->
              throw attrs.invalid(
                  "compression", compression, "want 'gzip', 'zstd' or 'uncompressed'");
        };
    if (packed == MediaType.Compression.ZSTD && !ociTypes) {
      throw attrs.invalid("compression", compression, "it needs oci-mediatypes=true");
    }
    for (String later :
        List.of("rewrite-timestamp", "prefer-nondist-layers", "attestation-inline")) {
      attrs.notYet(later);
    }
    for (String ignored :
        List.of("buildinfo", "buildinfo-attrs", "prefer-image-digest", "oci-artifact")) {
      attrs.ignore(ignored);
    }
    String name = attrs.text("name");
    return new ImageOptions(
        name.equals("*") ? List.of() : names(attrs, name),
        name.equals("*"),
        packed,
        level(attrs, packed),
        attrs.flag("force-compression", false),
        ociTypes ? MediaType.Column.OCI : MediaType.Column.DOCKER,
        attrs.epoch("source-date-epoch"),
        Annotations.read(attrs));
  }

  private static int level(Attrs attrs, MediaType.Compression compression) {
    String text = attrs.text("compression-level");
    if (text.isEmpty()) {
      return -1;
    }
    int highest = compression == MediaType.Compression.ZSTD ? 22 : 9;
    if (!text.matches("[1-9][0-9]?") || Integer.parseInt(text) > highest) {
      throw attrs.invalid("compression-level", text, "want 1 to " + highest);
    }
    return Integer.parseInt(text);
  }

  private static List<ImageRef> names(Attrs attrs, String text) {
    var names = new ArrayList<ImageRef>();
    for (String each : text.split(",", -1)) {
      if (each.isBlank()) {
        continue;
      }
      try {
        ImageRef name = ImageRef.parse(each.strip());
        if (name.digest() != null) {
          throw attrs.invalid("name", each, "a name to be given has a tag and no digest");
        }
        names.add(name);
      } catch (IllegalArgumentException e) {
        throw attrs.invalid("name", each, String.valueOf(e.getMessage()));
      }
    }
    return names;
  }

  /** The names, where the result has a say in them. */
  List<ImageRef> names(BuildResult result) {
    var given = result.metadata().get("image.name");
    if (!nameFromResult || given == null) {
      return names;
    }
    return names(new Attrs("image", java.util.Map.of()), given.toUtf8());
  }
}
