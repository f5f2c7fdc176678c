package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Evaluates stages in order, and emits them afterwards. Not thread safe. */
final class PlanEvaluation {
  private final BuildScope scope;
  private final Words words;
  private final List<Evaluated> stages = new ArrayList<>();

  /** What a stage has come to; {@code from} describes the op of its image. */
  private record Evaluated(ReadyStage stage, Step.@Nullable About from, List<Step> steps) {}

  PlanEvaluation(BuildScope scope, Words words) {
    this.scope = scope;
    this.words = words;
  }

  void evaluate(ReadyStage stage) {
    PlannedStage planned = stage.planned();
    Origin origin = stage.origin();
    StageState state =
        origin == null ? new StageState(state(baseOf(planned))) : new StageState(origin);
    scope.states().put(planned.index(), state);
    String shownName = scope.plan().size() == 1 ? "" : planned.shownName();
    var names = new StepNames(platformPrefix(state.platform()), shownName, countSteps(stage));
    Step.About from = origin == null ? null : from(planned, origin, names);
    var evaluation = new StageEvaluation(scope, planned, state, names);
    stages.add(new Evaluated(stage, from, evaluation.evaluate(stage.tasks())));
  }

  private static int baseOf(PlannedStage stage) {
    Integer base = stage.base();
    if (base == null) {
      throw new IllegalStateException("stage " + stage.index() + " starts with nothing known");
    }
    return base;
  }

  StageState state(int index) {
    StageState state = scope.states().get(index);
    if (state == null) {
      throw new IllegalStateException("stage " + index + " is used before it is evaluated");
    }
    return state;
  }

  private Step.@Nullable About from(PlannedStage planned, Origin origin, StepNames names) {
    if (!(origin.content() instanceof Origin.Image image)) {
      return null;
    }
    String name = image.source().name();
    return new Step.About(
        image.source().numbered() ? names.next(name) : name,
        planned.from().statement().text(),
        words.file().location(planned.from().range()),
        false,
        null);
  }

  private String platformPrefix(Platform platform) {
    if (!scope.options().multiPlatform()) {
      return "";
    }
    Platform target = scope.target();
    boolean cross = !platform.sameMachine(target);
    return platform + (cross ? "->" + target.architecture() : "");
  }

  /** How many numbers the names of a stage's vertices take. */
  private static int countSteps(ReadyStage stage) {
    Origin origin = stage.origin();
    boolean loadsImage =
        origin != null
            && origin.content() instanceof Origin.Image image
            && image.source().numbered();
    int count = loadsImage ? 1 : 0;
    for (Task task : stage.tasks()) {
      Instruction instruction = task.instruction();
      if (instruction instanceof Instruction.Run
          || instruction instanceof Instruction.Copy
          || instruction instanceof Instruction.Add
          || instruction instanceof Instruction.Workdir) {
        count++;
      }
    }
    return count;
  }

  void emit(GraphEmitter emitter) {
    for (Evaluated evaluated : stages) {
      PlannedStage planned = evaluated.stage.planned();
      Origin origin = evaluated.stage.origin();
      OpNode.Output start =
          origin == null ? emitter.stage(baseOf(planned)) : emitter.origin(origin, evaluated.from);
      emitter.emit(planned.index(), start, evaluated.steps);
    }
  }
}
