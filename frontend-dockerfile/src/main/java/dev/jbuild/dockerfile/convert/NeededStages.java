package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.convert.OriginResolver.Wanted;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.InstructionReader;
import dev.jbuild.dockerfile.instruction.MountFlag;
import dev.jbuild.dockerfile.instruction.Suggestion;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.dockerfile.parse.DockerfileParser;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.SourceLocation;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds the stages that the target needs, resolves what they start with and take from, and puts
 * their triggers in front. Stages only depend on stages above, so one walk upwards does; a trigger
 * may add a dependency, which is met later on the same walk.
 */
final class NeededStages {
  private final StagePlan plan;
  private final OriginResolver resolver;
  private final Wanted target;
  private final Words words;
  private final Mistakes mistakes;
  private final BitSet needed = new BitSet();
  private final Map<String, Origin> externals = new HashMap<>();

  NeededStages(
      StagePlan plan, OriginResolver resolver, Wanted target, Words words, Mistakes mistakes) {
    this.plan = plan;
    this.resolver = resolver;
    this.target = target;
    this.words = words;
    this.mistakes = mistakes;
  }

  /** In the order of the file, the target last. */
  List<ReadyStage> of(PlannedStage wanted) throws InterruptedException {
    Map<String, Wanted> images = imagesOf(wanted);
    mistakes.fail();
    resolver.findAll(images);
    var ready = new ArrayList<ReadyStage>();
    needed.set(wanted.index());
    for (int index = wanted.index(); index >= 0; index--) {
      if (needed.get(index)) {
        ready.add(prepare(plan.stage(index)));
      }
    }
    Collections.reverse(ready);
    return ready;
  }

  /** What the target needs without triggers, to be looked for at once. */
  private Map<String, Wanted> imagesOf(PlannedStage wanted) {
    var images = new LinkedHashMap<String, Wanted>();
    var stages = new BitSet();
    stages.set(wanted.index());
    for (int index = wanted.index(); index >= 0; index--) {
      PlannedStage stage = plan.stage(index);
      if (!stages.get(index) || stage.replacement() != null) {
        continue;
      }
      Integer base = stage.base();
      if (base == null) {
        images.put(stage.baseName(), platformOf(stage));
      } else {
        stages.set(base);
      }
      for (Instruction instruction : stage.body()) {
        for (Word from : sourcesOf(instruction)) {
          mistakes.collect(() -> note(plan.source(stage.index(), from, words), stages, images));
        }
      }
    }
    return images;
  }

  private void note(Step.Source source, BitSet stages, Map<String, Wanted> images) {
    if (source instanceof Step.OfStage above) {
      stages.set(above.index());
    } else if (source instanceof Step.External external) {
      images.putIfAbsent(external.name(), target);
    }
  }

  private Wanted platformOf(PlannedStage stage) {
    Platform own = stage.platform();
    return own == null ? target : new Wanted(own, true);
  }

  /** What an instruction copies or mounts from besides the build context. */
  private static List<Word> sourcesOf(Instruction instruction) {
    var sources = new ArrayList<Word>();
    if (instruction instanceof Instruction.Copy copy) {
      addTo(sources, copy.from());
    } else if (instruction instanceof Instruction.Run run) {
      for (MountFlag mount : run.mounts()) {
        addTo(sources, mount.from());
      }
    }
    return sources;
  }

  private static void addTo(List<Word> sources, @Nullable Word from) {
    if (from != null && !from.text().isEmpty()) {
      sources.add(from);
    }
  }

  /** Images and named contexts that are copied or mounted from, by name. */
  Map<String, Origin> externals() {
    return externals;
  }

  private ReadyStage prepare(PlannedStage stage) throws InterruptedException {
    Wanted platform = platformOf(stage);
    SourceRange place = stage.from().image().range();
    NamedContext replacement = stage.replacement();
    if (replacement != null) {
      try {
        return new ReadyStage(stage, resolver.load(replacement, platform), List.of());
      } catch (BuildException e) {
        throw words.file().at(stage.from().range(), e);
      }
    }
    var tasks = new ArrayList<Task>();
    Integer base = stage.base();
    Origin origin = null;
    if (base != null) {
      needed.set(base);
      addTriggers(plan.stage(base), stage, tasks);
    } else {
      origin = find(stage.baseName(), platform, place, words);
      remarkPlatform(stage, origin, platform);
      addTriggers(origin.config().config().onBuild(), stage, tasks);
    }
    for (Instruction instruction : stage.body()) {
      SourceLocation location = words.file().location(instruction.range());
      tasks.add(new Task(instruction, words, location, false));
    }
    for (Task task : tasks) {
      need(stage.index(), task);
    }
    return new ReadyStage(stage, origin, tasks);
  }

  private void remarkPlatform(PlannedStage stage, Origin origin, Wanted platform) {
    Platform image = origin.config().platform().normalized();
    Platform wanted = platform.platform().normalized();
    if (origin.content() instanceof Origin.Image
        && !image.os().isEmpty()
        && !(image.os().equals(wanted.os())
            && image.architecture().equals(wanted.architecture()))) {
      words.remark(
          Rule.INVALID_BASE_IMAGE_PLATFORM,
          stage.from().image().range(),
          "image '" + stage.baseName() + "' is for " + image + ", this build is for " + wanted);
    }
  }

  private Origin find(String name, Wanted platform, SourceRange place, Words at)
      throws InterruptedException {
    try {
      return resolver.find(name, platform);
    } catch (BuildException e) {
      String hint = e.code() == Code.CANCELLED ? "" : Suggestion.of(name, plan.names());
      if (hint.isEmpty()) {
        throw at.file().at(place, e);
      }
      throw at.file().at(place, new BuildException(e.code(), e.message() + hint, e, e.details()));
    }
  }

  /** ONBUILD of a stage in the same file. */
  private void addTriggers(PlannedStage base, PlannedStage stage, List<Task> tasks) {
    if (base.replacement() != null) {
      return;
    }
    SourceLocation location = words.file().location(stage.from().range());
    for (Instruction instruction : base.body()) {
      if (instruction instanceof Instruction.Onbuild onbuild) {
        tasks.add(new Task(onbuild.trigger(), words, location, true));
      }
    }
  }

  /** ONBUILD of an image. */
  private void addTriggers(List<String> triggers, PlannedStage stage, List<Task> tasks) {
    SourceLocation location = words.file().location(stage.from().range());
    for (String trigger : triggers) {
      var file = new SourceFile("ONBUILD trigger of " + stage.baseName(), trigger);
      SyntaxTree tree = DockerfileParser.parse(file);
      if (tree.statements().size() != 1) {
        throw file.error(
            new SourceRange(1, 0, 1, 0), "want one instruction, got " + tree.statements().size());
      }
      Instruction instruction = new InstructionReader(file, '\\').read(tree.statements().get(0));
      boolean allowed =
          !(instruction instanceof Instruction.From || instruction instanceof Instruction.Onbuild);
      if (!allowed) {
        throw file.error(
            instruction.range(), instruction.name() + " is not allowed as an ONBUILD trigger");
      }
      tasks.add(new Task(instruction, words.in(file), location, true));
    }
  }

  private void need(int stage, Task task) throws InterruptedException {
    for (Word from : sourcesOf(task.instruction())) {
      Step.Source source = plan.source(stage, from, task.words());
      if (source instanceof Step.OfStage above) {
        needed.set(above.index());
      } else if (source instanceof Step.External external
          && !externals.containsKey(external.name())) {
        Origin origin = find(external.name(), target, from.range(), task.words());
        externals.put(external.name(), origin);
      }
    }
  }
}
