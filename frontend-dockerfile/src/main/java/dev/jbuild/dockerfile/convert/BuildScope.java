package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.BuildOptions;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Platform;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What all stages of one conversion share.
 *
 * @param epoch of {@code SOURCE_DATE_EPOCH}, null when not set
 * @param context what is used of the build context
 * @param copied what COPY and ADD name of the build context
 * @param externals images and named contexts by the names that steps use
 * @param states of the stages evaluated so far, by index
 * @param mistakes what is wrong with the file, so far
 * @param outline what the stages take from the client, so far
 */
record BuildScope(
    BuildOptions options,
    GlobalScope globals,
    StagePlan plan,
    Platform target,
    @Nullable Instant epoch,
    UsedPaths context,
    List<Copied> copied,
    Map<String, Origin> externals,
    Map<Integer, StageState> states,
    Mistakes mistakes,
    Outline outline) {

  /**
   * A path of the build context, expanded, as COPY or ADD names it.
   *
   * @param words of the file that the instruction stands in
   */
  record Copied(String path, Words words, SourceRange range) {}

  private static final int MAX_COPIED = 10_000;
  private static final long NANOS = 1_000_000_000L;

  /** Notes a path for the checks, up to a bound. */
  void copied(Copied path) {
    if (copied.size() < MAX_COPIED) {
      copied.add(path);
    }
  }

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
      case Step.Remote remote -> null;
      case Step.Made made -> null;
    };
  }
}
