package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import java.util.ArrayList;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** ARG in a stage: the client's value, else the default, else the value of the global scope. */
final class ArgEvaluation {
  /** Switches of the build, not variables of its steps. */
  private static final Set<String> NOT_IN_ENVIRONMENT =
      Set.of("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE");

  private ArgEvaluation() {}

  static void apply(StageEvaluation stage, Task task, Instruction.Arg arg) {
    var shown = new ArrayList<String>();
    for (Instruction.Arg.Declaration declaration : arg.declarations()) {
      String name = declaration.name().text();
      String value = value(stage, task, name, declaration.value());
      if (value != null && !NOT_IN_ENVIRONMENT.contains(name)) {
        stage.state().setVariable(name, value);
      }
      stage.state().declare(name, value);
      note(stage, task, arg, name, value);
      shown.add(value == null ? name : name + "=" + value);
    }
    stage.addHistory(task, "ARG " + String.join(" ", shown));
  }

  /** What the platforms define is no argument of the client's. */
  private static void note(
      StageEvaluation stage, Task task, Instruction.Arg arg, String name, @Nullable String value) {
    Instruction.Arg global = stage.build().globals().declaration(name);
    Outline outline = stage.build().outline();
    if (global != null) {
      outline.argument(name, global, value, global.range());
    }
    if (global != null || !stage.build().globals().names().contains(name)) {
      outline.argument(name, arg, value, task.location().ranges().getFirst());
    }
  }

  private static @Nullable String value(
      StageEvaluation stage, Task task, String name, @Nullable Word fallback) {
    String given = stage.build().options().buildArgs().get(name);
    if (given != null) {
      return given;
    }
    return fallback == null
        ? stage.build().globals().value(name)
        : task.words().expand(fallback, stage.state());
  }
}
