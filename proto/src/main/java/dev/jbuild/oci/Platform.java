package dev.jbuild.oci;

import java.util.List;

/**
 * What an image runs on. Source: OCI image-spec, image-index.md, "platform".
 *
 * @param os such as {@code linux}
 * @param architecture Go names: {@code amd64}, {@code arm64}, ...
 * @param variant such as {@code v7}, or empty
 * @param osVersion or empty
 * @param osFeatures or empty
 */
public record Platform(
    String os, String architecture, String variant, String osVersion, List<String> osFeatures) {

  public Platform {
    osFeatures = List.copyOf(osFeatures);
  }

  public Platform(String os, String architecture, String variant) {
    this(os, architecture, variant, "", List.of());
  }

  /** {@code os/arch[/variant]}. */
  @Override
  public String toString() {
    return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
  }
}
