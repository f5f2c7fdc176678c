package dev.jbuild.export;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How files are written. Source: Dockerfile facts, "Exporter attrs".
 *
 * @param epoch upper bound of the times written, or null
 * @param split whether each platform has a directory of its own, as several always have
 */
public record FileOptions(@Nullable Instant epoch, boolean split) {

  /** Reads the attributes that all exporters of files share. */
  public static FileOptions read(Attrs attrs) {
    attrs.ignore("attestation-prefix");
    return new FileOptions(attrs.epoch("source-date-epoch"), attrs.flag("platform-split", false));
  }

  /** Times after this become this, in nanoseconds since 1970. */
  public long newestNanos() {
    return epoch == null ? Long.MAX_VALUE : epoch.getEpochSecond() * 1_000_000_000L;
  }

  /** Where an image's files go below the destination: empty, or {@code linux_amd64}. */
  public String directory(BuildResult result, BuildResult.PlatformImage image) {
    List<BuildResult.PlatformImage> all = result.images();
    return split || all.size() > 1 || result.multiPlatform()
        ? image.platform().normalized().toString().replace('/', '_')
        : "";
  }
}
