package dev.jbuild.daemon.engine;

import dev.jbuild.daemon.build.ImageList;
import dev.jbuild.image.ImageStore;
import dev.jbuild.image.StoredImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The image store as rows. */
record StoredImages(ImageStore store) implements ImageList {

  @Override
  public List<Row> rows() {
    var rows = new ArrayList<Row>();
    for (StoredImage image : store.list()) {
      for (StoredImage.Variant variant : image.variants()) {
        rows.add(
            new Row(
                image.name().familiar(),
                variant.id().toString(),
                image.stored(),
                variant.sizeBytes()));
      }
    }
    rows.sort(Comparator.comparing(Row::created).reversed());
    return rows;
  }
}
