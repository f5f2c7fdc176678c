package dev.jbuild.layer;

import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.oci.json.DescriptorJson;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.LayerId;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of one layer, as text: a line each, {@code key value}.
 *
 * @param parent the layer it was made on; null for the first of a stack
 */
record LayerRecord(@Nullable LayerId parent, LayerCatalog.Facts facts) {

  /** A layer that a step made. */
  static LayerRecord made(@Nullable LayerId parent, Instant created) {
    return new LayerRecord(parent, new LayerCatalog.Facts(null, null, "", List.of(), created));
  }

  /** An image's layer that may not be here yet. */
  static LayerRecord lazy(@Nullable LayerId parent, LayerCatalog.LazyLayer layer) {
    var facts =
        new LayerCatalog.Facts(layer.diffId(), layer.blob(), layer.origin(), List.of(), null);
    return new LayerRecord(parent, facts);
  }

  /** With a form of it that was made here; one of the same digest is replaced. */
  LayerRecord with(Digest diffId, Descriptor blob) {
    var made = new ArrayList<>(facts.made());
    made.removeIf(old -> old.digest().equals(blob.digest()));
    made.add(blob);
    return new LayerRecord(
        parent,
        new LayerCatalog.Facts(diffId, facts.pulled(), facts.origin(), made, facts.created()));
  }

  String text() {
    var text = new StringBuilder();
    line(text, "parent", parent);
    line(text, "diffid", facts.diffId());
    line(text, "created", facts.created());
    if (facts.pulled() != null) {
      line(text, "pulled", DescriptorJson.write(facts.pulled()).toUtf8());
      line(text, "origin", facts.origin());
    }
    for (Descriptor made : facts.made()) {
      line(text, "made", DescriptorJson.write(made).toUtf8());
    }
    return text.toString();
  }

  private static void line(StringBuilder text, String key, @Nullable Object value) {
    if (value != null) {
      text.append(key).append(' ').append(value).append('\n');
    }
  }

  /**
   * Reads what {@link #text} gave.
   *
   * @throws OciFormatException when it is not that
   */
  static LayerRecord parse(String text) throws OciFormatException {
    LayerId parent = null;
    Digest diffId = null;
    Instant created = null;
    Descriptor pulled = null;
    String origin = "";
    var made = new ArrayList<Descriptor>();
    try {
      for (String line : text.lines().toList()) {
        int space = line.indexOf(' ');
        String value = line.substring(space + 1);
        switch (line.substring(0, Math.max(0, space))) {
          case "parent" -> parent = new LayerId(value);
          case "diffid" -> diffId = Digest.parse(value);
          case "created" -> created = Instant.parse(value);
          case "pulled" -> pulled = DescriptorJson.read(Bytes.utf8(value));
          case "origin" -> origin = value;
          case "made" -> made.add(DescriptorJson.read(Bytes.utf8(value)));
          default -> throw new OciFormatException("unknown line '" + line + "'");
        }
      }
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new OciFormatException(String.valueOf(e.getMessage()), e);
    }
    return new LayerRecord(parent, new LayerCatalog.Facts(diffId, pulled, origin, made, created));
  }
}
