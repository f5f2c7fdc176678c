package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.ignore.SlashPath;
import dev.jbuild.llb.FileAction;

/** WORKDIR: sets the directory, and makes it as a layer of its own. */
final class WorkdirEvaluation {
  private static final int MODE = 0755;

  private WorkdirEvaluation() {}

  static void apply(StageEvaluation stage, Task task, Instruction.Workdir workdir) {
    StageState state = stage.state();
    String path = task.words().expand(workdir.path(), state);
    if (path.isEmpty()) {
      throw task.words()
          .file()
          .error(workdir.path().range(), "the path '" + workdir.path().text() + "' is empty");
    }
    if (!state.workdirSet && !SlashPath.isAbsolute(path)) {
      task.words()
          .remark(
              Rule.WORKDIR_RELATIVE_PATH,
              workdir.path().range(),
              "WORKDIR '" + path + "' is relative and nothing above sets one");
    }
    state.workdirSet = true;
    state.workingDir = SlashPath.resolve(state.directory(), path);
    String text = "WORKDIR " + state.workingDir;
    if (state.workingDir.equals(StageState.ROOT)) {
      stage.addHistory(task, text);
      return;
    }
    var change =
        new FileAction.MakeDirectory(
            state.workingDir,
            MODE,
            true,
            state.user.isEmpty() ? null : Owners.parse(state.user),
            stage.build().timestampNanos());
    stage.add(new Step.Directory(stage.about(task, ""), change));
    stage.addLayerHistory(task, text);
  }
}
