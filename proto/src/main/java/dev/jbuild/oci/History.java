package dev.jbuild.oci;

import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One line of an image's history. Source: OCI image-spec, config.md, "history".
 *
 * @param created or null when not said
 * @param createdBy the command, or empty
 * @param author or empty
 * @param comment or empty
 * @param emptyLayer whether it made no layer
 * @param unknown keys that jbuild does not know, kept
 */
public record History(
    @Nullable Instant created,
    String createdBy,
    String author,
    String comment,
    boolean emptyLayer,
    Map<String, RawJson> unknown) {

  public History {
    unknown = Collections.unmodifiableMap(new TreeMap<>(unknown));
  }

  public History(@Nullable Instant created, String createdBy, String comment, boolean emptyLayer) {
    this(created, createdBy, "", comment, emptyLayer, Map.of());
  }

  public History withCreated(@Nullable Instant value) {
    return new History(value, createdBy, author, comment, emptyLayer, unknown);
  }

  public History withEmptyLayer(boolean value) {
    return new History(created, createdBy, author, comment, value, unknown);
  }
}
