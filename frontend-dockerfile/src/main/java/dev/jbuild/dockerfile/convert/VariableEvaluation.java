package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.shell.Variables;
import dev.jbuild.error.BuildException;
import java.util.ArrayList;
import java.util.List;

/** ENV and LABEL. All words of one instruction see the variables as they were before it. */
final class VariableEvaluation {
  private record Pair(String key, String value) {
    @Override
    public String toString() {
      return key + "=" + value;
    }
  }

  private VariableEvaluation() {}

  static void apply(StageEvaluation stage, Task task, Instruction.Env env) {
    List<Pair> pairs = expand(stage, task, env.pairs());
    for (Pair pair : pairs) {
      stage.state().setImageVariable(pair.key, pair.value);
    }
    stage.addHistory(task, "ENV " + text(pairs));
  }

  static void apply(StageEvaluation stage, Task task, Instruction.Label label) {
    List<Pair> pairs = expand(stage, task, label.pairs());
    for (Pair pair : pairs) {
      stage.state().labels.put(pair.key, pair.value);
    }
    stage.addHistory(task, "LABEL " + text(pairs));
  }

  private static List<Pair> expand(
      StageEvaluation stage, Task task, List<Instruction.KeyValue> pairs) {
    Variables before = stage.state();
    var expanded = new ArrayList<Pair>();
    for (Instruction.KeyValue pair : pairs) {
      String key = task.words().expand(pair.key(), before);
      if (key.isEmpty()) {
        throw emptyName(task, pair.key());
      }
      expanded.add(new Pair(key, task.words().expand(pair.value(), before)));
    }
    return expanded;
  }

  private static BuildException emptyName(Task task, Word key) {
    return task.words()
        .file()
        .error(
            key.range(),
            task.instruction().name() + " needs a name, '" + key.text() + "' is empty");
  }

  private static String text(List<Pair> pairs) {
    return String.join(" ", pairs.stream().map(Pair::toString).toList());
  }
}
