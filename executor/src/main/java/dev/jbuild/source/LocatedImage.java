package dev.jbuild.source;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Descriptor;
import dev.jbuild.oci.Digest;
import dev.jbuild.snapshot.LayerCatalog;
import dev.jbuild.snapshot.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * An image whose layers are somewhere else.
 *
 * @param layerLimit how many layers count, base first; 0 for all
 */
public record LocatedImage(FoundImage image, String origin, int layerLimit, LayerCatalog catalog)
    implements Located {

  /** The limit that attributes set. */
  public static int layerLimit(String text) {
    return text.matches("[1-9][0-9]{0,5}") ? Integer.parseInt(text) : 0;
  }

  @Override
  public Digest key() {
    return ChainId.of(cut(image.config().diffIds()));
  }

  @Override
  public Snapshot snapshot() {
    List<Digest> diffIds = cut(image.config().diffIds());
    List<Descriptor> blobs = cut(image.layers());
    var layers = new ArrayList<LayerCatalog.LazyLayer>();
    for (int i = 0; i < blobs.size(); i++) {
      layers.add(new LayerCatalog.LazyLayer(diffIds.get(i), blobs.get(i), origin));
    }
    try {
      return catalog.register(layers);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, "layers of image cannot be recorded: " + e.getMessage(), e);
    }
  }

  private <T> List<T> cut(List<T> all) {
    return layerLimit == 0 ? all : all.subList(0, Math.min(layerLimit, all.size()));
  }
}
