package dev.jbuild.oci;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes an image's history agree with its layers. Source: OCI facts, "History repair". */
final class HistoryRepair {
  private HistoryRepair() {}

  static List<History> repair(List<History> history, List<ImageConfig.Layer> layers) {
    List<History> lines = matchCount(history, layers);
    fillFromLayers(lines, layers);
    fillFromNeighbours(lines);
    return lines;
  }

  /** Marks surplus lines as having made no layer, the newest first, or adds missing lines. */
  private static List<History> matchCount(List<History> history, List<ImageConfig.Layer> layers) {
    var lines = new ArrayList<>(history);
    int withLayer = 0;
    for (History line : lines) {
      withLayer += line.emptyLayer() ? 0 : 1;
    }
    for (int i = lines.size() - 1; withLayer > layers.size(); i--) {
      if (!lines.get(i).emptyLayer()) {
        lines.set(i, lines.get(i).withEmptyLayer(true));
        withLayer--;
      }
    }
    for (ImageConfig.Layer layer : layers.subList(withLayer, layers.size())) {
      lines.add(
          new History(layer.created(), layer.createdBy(), ImageConfig.EXPORTER_COMMENT, false));
    }
    return lines;
  }

  private static void fillFromLayers(List<History> lines, List<ImageConfig.Layer> layers) {
    int next = 0;
    for (int i = 0; i < lines.size(); i++) {
      History line = lines.get(i);
      if (line.emptyLayer()) {
        continue;
      }
      if (line.created() == null) {
        lines.set(i, line.withCreated(layers.get(next).created()));
      }
      next++;
    }
  }

  /**
   * Gives a line without a time that of the next line with one, since metadata is written together
   * with what follows it; after the last such line, that of the one before.
   */
  private static void fillFromNeighbours(List<History> lines) {
    Instant known = null;
    for (int i = lines.size() - 1; i >= 0; i--) {
      known = fill(lines, i, known);
    }
    for (int i = 0; i < lines.size(); i++) {
      known = fill(lines, i, known);
    }
  }

  private static @Nullable Instant fill(List<History> lines, int i, @Nullable Instant known) {
    History line = lines.get(i);
    if (line.created() != null) {
      return line.created();
    }
    lines.set(i, line.withCreated(known));
    return known;
  }
}
