package dev.jbuild.oci.json;

import dev.jbuild.oci.Platform;

/** A platform's members, alone or among those of an image config. */
final class PlatformJson {
  private PlatformJson() {}

  static Platform read(Fields fields) throws OciFormatException {
    return new Platform(
        fields.text("os"),
        fields.text("architecture"),
        fields.text("variant"),
        fields.text("os.version"),
        fields.texts("os.features"));
  }

  static Members write(Platform platform) {
    return new Members()
        .put("architecture", new Json.Text(platform.architecture()))
        .put("os", new Json.Text(platform.os()))
        .text("os.version", platform.osVersion())
        .texts("os.features", platform.osFeatures())
        .text("variant", platform.variant());
  }
}
