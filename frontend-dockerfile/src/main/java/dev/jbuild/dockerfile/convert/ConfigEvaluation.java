package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.lint.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/** Instructions that set a value of the image config and nothing else. */
final class ConfigEvaluation {
  private ConfigEvaluation() {}

  static void user(StageEvaluation stage, Task task, Instruction.User user) {
    stage.state().user = required(stage, task, user.user());
    stage.addHistory(task, "USER " + stage.state().user);
  }

  /** The history has the words sorted, as BuildKit's: images shall not differ by that alone. */
  static void expose(StageEvaluation stage, Task task, Instruction.Expose expose) {
    var ports = new TreeMap<String, List<String>>();
    for (Word word : expose.ports()) {
      var ofWord = ports.computeIfAbsent(word.text(), text -> new ArrayList<>());
      for (String text : task.words().expandToList(word, stage.state())) {
        try {
          ofWord.addAll(Ports.parse(text));
          remarkPort(task, word, text);
        } catch (IllegalArgumentException e) {
          throw task.words().file().error(word.range(), String.valueOf(e.getMessage()));
        }
      }
    }
    var all = ports.values().stream().flatMap(List::stream).toList();
    stage.state().exposedPorts.addAll(all);
    stage.addHistory(task, "EXPOSE [" + String.join(" ", all) + "]");
  }

  private static void remarkPort(Task task, Word word, String text) {
    if (text.indexOf(':') >= 0) {
      task.words()
          .remark(
              Rule.EXPOSE_INVALID_FORMAT,
              word.range(),
              "EXPOSE takes no address and no port of the host, got '" + text + "'");
    }
    String small = text.toLowerCase(Locale.ROOT);
    if (!small.equals(text)) {
      task.words()
          .remark(
              Rule.EXPOSE_PROTO_CASING,
              word.range(),
              "the protocol of '" + text + "' should be in small letters: '" + small + "'");
    }
  }

  static void volume(StageEvaluation stage, Task task, Instruction.Volume volume) {
    List<String> paths = new ArrayList<>();
    for (Word word : volume.paths()) {
      paths.add(required(stage, task, word));
    }
    stage.state().volumes.addAll(paths);
    stage.addHistory(task, "VOLUME [" + String.join(" ", paths) + "]");
  }

  static void stopSignal(StageEvaluation stage, Task task, Instruction.StopSignal instruction) {
    String signal = required(stage, task, instruction.signal());
    if (!Signals.isSignal(signal)) {
      throw task.words()
          .file()
          .error(
              instruction.signal().range(),
              "unknown signal '" + signal + "'" + Signals.suggestion(signal));
    }
    stage.state().stopSignal = signal;
    stage.addHistory(task, "STOPSIGNAL " + signal);
  }

  static void onbuild(StageEvaluation stage, Instruction.Onbuild onbuild) {
    var triggers = new ArrayList<>(stage.state().onBuild);
    triggers.add(onbuild.expression());
    stage.state().onBuild = List.copyOf(triggers);
  }

  static void maintainer(StageEvaluation stage, Task task, Instruction.Maintainer maintainer) {
    stage.state().author = maintainer.author();
    stage.addHistory(task, "MAINTAINER " + maintainer.author());
  }

  private static String required(StageEvaluation stage, Task task, Word word) {
    String value = task.words().expand(word, stage.state());
    if (value.isEmpty()) {
      throw task.words()
          .file()
          .error(
              word.range(),
              task.instruction().name() + " needs a value, '" + word.text() + "' is empty");
    }
    return value;
  }
}
