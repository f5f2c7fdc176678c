package dev.jbuild.daemon.build;

import java.time.Instant;
import java.util.List;

/** The image store as {@code jbuild images} shows it. */
public interface ImageList {

  /** One row for each name and platform, newest first. */
  List<Row> rows();

  /**
   * An image.
   *
   * @param name with tag
   * @param id digest of its config, {@code sha256:...}
   * @param created when the name was given
   */
  record Row(String name, String id, Instant created, long sizeBytes) {}
}
