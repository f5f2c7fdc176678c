package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.oci.Platform;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stage whose FROM is understood.
 *
 * @param base index of the stage it builds on, null for an image, a context or nothing
 * @param baseName the image, expanded
 * @param platform of {@code --platform}, null for the target's
 * @param replacement named context that stands in for the whole stage, or null
 */
record PlannedStage(
    int index,
    Dockerfile.Section section,
    @Nullable Integer base,
    String baseName,
    @Nullable Platform platform,
    @Nullable NamedContext replacement) {

  Instruction.From from() {
    return section.from();
  }

  @Nullable String name() {
    return section.from().stageName();
  }

  /** The name or, for a stage without, {@code stage-2}. */
  String shownName() {
    String name = name();
    return name == null ? "stage-" + index : name;
  }

  List<Instruction> body() {
    return section.body();
  }
}
