package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.oci.Platform;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all stages of one conversion share.
 *
 * @param epoch of {@code SOURCE_DATE_EPOCH}, null when not set
 * @param context what is used of the build context
 * @param externals images and named contexts by the names that steps use
 * @param states of the stages evaluated so far, by index
 */
record BuildScope(
    BuildOptions options,
    GlobalScope globals,
    StagePlan plan,
    Platform target,
    @Nullable Instant epoch,
    UsedPaths context,
    Map<String, Origin> externals,
    Map<Integer, StageState> states) {

  private static final long NANOS = 1_000_000_000L;

  /** For created files: nanoseconds of the epoch, -1 where there is none. */
  long timestampNanos() {
    return epoch == null ? -1 : epoch.getEpochSecond() * NANOS;
  }

  /** What is used of a source, or null for one that is made on the spot. */
  @Nullable UsedPaths used(Step.Source source) {
    return switch (source) {
      case Step.MainContext main -> context;
      case Step.OfStage stage -> {
        StageState state = states.get(stage.index());
        yield state == null ? null : state.used();
      }
      case Step.External external -> {
        Origin origin = externals.get(external.name());
        yield origin == null ? null : origin.used();
      }
      case Step.Nothing nothing -> null;
      case Step.Made made -> null;
    };
  }
}
