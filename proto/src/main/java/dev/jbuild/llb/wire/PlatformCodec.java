package dev.jbuild.llb.wire;

import dev.jbuild.oci.Platform;

/** Platforms, as they stand: normalizing is the reader's decision. */
public final class PlatformCodec {
  private PlatformCodec() {}

  public static Platform decode(pb.Platform wire) {
    return new Platform(
        wire.getOS(),
        wire.getArchitecture(),
        wire.getVariant(),
        wire.getOSVersion(),
        wire.getOSFeaturesList());
  }

  public static pb.Platform encode(Platform platform) {
    return pb.Platform.newBuilder()
        .setOS(platform.os())
        .setArchitecture(platform.architecture())
        .setVariant(platform.variant())
        .setOSVersion(platform.osVersion())
        .addAllOSFeatures(platform.osFeatures())
        .build();
  }
}
