package dev.jbuild.oci;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An image's config: platform, how containers run, layers and history. What jbuild does not know is
 * kept and written again. Source: OCI image-spec, config.md; OCI facts, "Image config".
 *
 * @param platform system and architecture may be empty in what a frontend gives; an exporter needs
 *     them
 * @param created or null when not said
 * @param author or empty
 * @param diffIds digests of the uncompressed layers, base first
 * @param history oldest first
 * @param unknown keys that jbuild does not know, kept
 */
public record ImageConfig(
    Platform platform,
    @Nullable Instant created,
    String author,
    ContainerConfig config,
    List<Digest> diffIds,
    List<History> history,
    Map<String, RawJson> unknown) {

  /** The search path of an image that sets none. */
  public static final String DEFAULT_PATH =
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /** The comment of history lines that an exporter adds, as the field's tools know it. */
  public static final String EXPORTER_COMMENT = "buildkit.exporter.image.v0";

  public ImageConfig {
    diffIds = List.copyOf(diffIds);
    history = List.copyOf(history);
    unknown = Collections.unmodifiableMap(new TreeMap<>(unknown));
  }

  /** The config of an empty image: working directory {@code /} and, on Linux, a search path. */
  public static ImageConfig scratch(Platform platform) {
    Platform normalized = platform.normalized();
    List<String> env = normalized.os().equals("linux") ? List.of(DEFAULT_PATH) : List.of();
    return new ImageConfig(
        normalized,
        null,
        "",
        ContainerConfig.EMPTY.change().env(env).workingDir("/").done(),
        List.of(),
        List.of(),
        Map.of());
  }

  public ImageConfig withPlatform(Platform value) {
    return new ImageConfig(value, created, author, config, diffIds, history, unknown);
  }

  public ImageConfig withCreated(@Nullable Instant value) {
    return new ImageConfig(platform, value, author, config, diffIds, history, unknown);
  }

  public ImageConfig withAuthor(String value) {
    return new ImageConfig(platform, created, value, config, diffIds, history, unknown);
  }

  public ImageConfig withConfig(ContainerConfig value) {
    return new ImageConfig(platform, created, author, value, diffIds, history, unknown);
  }

  public ImageConfig withDiffIds(List<Digest> value) {
    return new ImageConfig(platform, created, author, config, value, history, unknown);
  }

  public ImageConfig withHistory(List<History> value) {
    return new ImageConfig(platform, created, author, config, diffIds, value, unknown);
  }

  public ImageConfig withUnknown(Map<String, RawJson> value) {
    return new ImageConfig(platform, created, author, config, diffIds, history, value);
  }

  /** One more line of history. */
  public ImageConfig plusHistory(History line) {
    var lines = new ArrayList<>(history);
    lines.add(line);
    return withHistory(lines);
  }

  /**
   * The config with these layers, and a history that agrees with them: as many lines that made a
   * layer as there are layers, a time in each line, and {@code created} set from the last line if
   * it was not.
   */
  public ImageConfig withLayers(List<Layer> layers) {
    List<History> repaired = HistoryRepair.repair(history, layers);
    Instant newest = repaired.isEmpty() ? null : repaired.getLast().created();
    var ids = new ArrayList<Digest>();
    for (Layer layer : layers) {
      ids.add(layer.diffId());
    }
    return new ImageConfig(
        platform, created == null ? newest : created, author, config, ids, repaired, unknown);
  }

  /**
   * What an exporter knows of a layer.
   *
   * @param createdBy what made it, for a history that has no line for it
   * @param created or null when not known
   */
  public record Layer(Digest diffId, String createdBy, @Nullable Instant created) {}
}
