package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Suggestion;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The stages of a file, what each builds on, and how names find them. */
final class StagePlan {
  /** Stages copy what they inherit; this bounds the copies. */
  private static final int MAX_STAGES = 2000;

  private final Words words;
  private final List<PlannedStage> stages = new ArrayList<>();
  private final Map<String, List<Integer>> byName = new HashMap<>();

  private StagePlan(Words words) {
    this.words = words;
  }

  /** Mistakes are noted; the plan is of use only when there are none. */
  static StagePlan of(
      Dockerfile dockerfile,
      FromWords froms,
      NamedContexts contexts,
      Platform target,
      Words words,
      Mistakes mistakes) {
    var plan = new StagePlan(words);
    for (Dockerfile.Section section : dockerfile.stages()) {
      mistakes.collect(() -> plan.add(section, froms, contexts, target));
    }
    return plan;
  }

  private void add(
      Dockerfile.Section section, FromWords froms, NamedContexts contexts, Platform target) {
    Instruction.From from = section.from();
    int index = stages.size();
    if (index == MAX_STAGES) {
      throw words.file().tooMuch(from.range(), "more than " + MAX_STAGES + " stages");
    }
    String baseName = froms.image(from);
    Platform platform = froms.platform(from);
    String name = from.stageName();
    NamedContext replacement =
        name == null ? null : contexts.find(name, platform == null ? target : platform);
    Integer base = before(baseName, index);
    stages.add(new PlannedStage(index, section, base, baseName, platform, replacement));
    if (name != null) {
      byName.computeIfAbsent(name, key -> new ArrayList<>()).add(index);
    }
  }

  int size() {
    return stages.size();
  }

  PlannedStage stage(int index) {
    return stages.get(index);
  }

  List<String> names() {
    return List.copyOf(byName.keySet());
  }

  /** The stage to build: by name or index, the last one for null. */
  PlannedStage target(@Nullable String wanted) {
    if (wanted == null) {
      return stages.getLast();
    }
    List<Integer> named = byName.get(wanted.toLowerCase(Locale.ROOT));
    if (named != null) {
      return stages.get(named.getLast());
    }
    Integer index = index(wanted);
    if (index != null && index < stages.size()) {
      return stages.get(index);
    }
    throw new BuildException(
        Code.NOT_FOUND,
        words.file().filename()
            + ": no stage '"
            + wanted
            + "' to build"
            + Suggestion.of(wanted, byName.keySet()));
  }

  /**
   * What {@code --from} or {@code from=} means in a stage: a stage above by name or index, else an
   * image or named context.
   */
  Step.Source source(int stage, Word from, Words at) {
    String name = from.text();
    if (name.indexOf('$') >= 0) {
      throw at.file()
          .error(
              from.range(),
              "variables are not expanded in --from, name a stage with FROM $image AS name instead");
    }
    Integer above = before(name, stage);
    if (above != null) {
      return new Step.OfStage(above);
    }
    List<Integer> named = byName.get(name.toLowerCase(Locale.ROOT));
    Integer index = named == null ? index(name) : named.getFirst();
    if (index == null) {
      return new Step.External(name);
    }
    if (index >= stages.size()) {
      throw at.file()
          .error(from.range(), "no stage " + name + ", the last one is " + (stages.size() - 1));
    }
    if (index < stage) {
      return new Step.OfStage(index);
    }
    throw at.file()
        .error(
            from.range(),
            index == stage
                ? "stage '" + name + "' takes from itself"
                : "stage '"
                    + name
                    + "' begins below, on line "
                    + stages.get(index).from().range().startLine()
                    + "; only stages above can be taken from");
  }

  /** The nearest stage of this name above the given one, or null. */
  private @Nullable Integer before(String name, int stage) {
    Integer found = null;
    for (int index : byName.getOrDefault(name.toLowerCase(Locale.ROOT), List.of())) {
      if (index < stage) {
        found = index;
      }
    }
    return found;
  }

  private static @Nullable Integer index(String text) {
    return text.matches("[0-9]{1,6}") ? Integer.valueOf(text) : null;
  }
}
