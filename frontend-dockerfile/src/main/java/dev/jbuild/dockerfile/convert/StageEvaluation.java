package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.error.BuildException;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Carries out a stage's instructions on its state and collects the steps. Not thread safe. */
final class StageEvaluation {
  private static final String COMMENT = "buildkit.dockerfile.v0";

  private final BuildScope build;
  private final PlannedStage stage;
  private final StageState state;
  private final StepNames names;
  private final List<Step> steps = new ArrayList<>();

  StageEvaluation(BuildScope build, PlannedStage stage, StageState state, StepNames names) {
    this.build = build;
    this.stage = stage;
    this.state = state;
    this.names = names;
  }

  /**
   * The steps of the tasks; the state has changed accordingly. Mistakes are noted; behind one in
   * ARG or ENV others could follow from it, so nothing more is looked at.
   */
  List<Step> evaluate(List<Task> tasks) {
    for (Task task : tasks) {
      try {
        evaluate(task);
      } catch (BuildException mistake) {
        build.mistakes().add(mistake);
        if (task.instruction() instanceof Instruction.Arg
            || task.instruction() instanceof Instruction.Env) {
          break;
        }
      }
    }
    return steps;
  }

  private void evaluate(Task task) {
    switch (task.instruction()) {
      case Instruction.From from ->
          throw new IllegalStateException("FROM starts a stage and is no part of it");
      case Instruction.Run run -> new RunEvaluation(this, task, run).apply();
      case Instruction.Copy copy -> new TransferEvaluation(this, task, copy.transfer()).copy(copy);
      case Instruction.Add add -> new TransferEvaluation(this, task, add.transfer()).add(add);
      case Instruction.Workdir workdir -> WorkdirEvaluation.apply(this, task, workdir);
      case Instruction.Arg arg -> ArgEvaluation.apply(this, task, arg);
      case Instruction.Env env -> VariableEvaluation.apply(this, task, env);
      case Instruction.Label label -> VariableEvaluation.apply(this, task, label);
      case Instruction.User user -> ConfigEvaluation.user(this, task, user);
      case Instruction.Expose expose -> ConfigEvaluation.expose(this, task, expose);
      case Instruction.Volume volume -> ConfigEvaluation.volume(this, task, volume);
      case Instruction.StopSignal signal -> ConfigEvaluation.stopSignal(this, task, signal);
      case Instruction.Cmd cmd -> CommandEvaluation.cmd(this, task, cmd);
      case Instruction.Entrypoint entrypoint ->
          CommandEvaluation.entrypoint(this, task, entrypoint);
      case Instruction.Shell shell -> CommandEvaluation.shell(this, task, shell);
      case Instruction.Healthcheck check -> CommandEvaluation.healthcheck(this, task, check);
      case Instruction.Onbuild onbuild -> ConfigEvaluation.onbuild(this, onbuild);
      case Instruction.Maintainer maintainer -> ConfigEvaluation.maintainer(this, task, maintainer);
    }
  }

  BuildScope build() {
    return build;
  }

  PlannedStage stage() {
    return stage;
  }

  StageState state() {
    return state;
  }

  void add(Step step) {
    steps.add(step);
  }

  /** A line of history for an instruction that only changes the config. */
  void addHistory(Task task, String createdBy) {
    addHistory(task, createdBy, true);
  }

  /** A line of history for an instruction that makes a layer. */
  void addLayerHistory(Task task, String createdBy) {
    addHistory(task, createdBy, false);
  }

  private void addHistory(Task task, String createdBy, boolean emptyLayer) {
    task.words().spend(task.range(), createdBy.length());
    state.addHistory(new History(build.epoch(), createdBy, COMMENT, emptyLayer));
  }

  /**
   * What is said about the op of an instruction.
   *
   * @param note added to the text of the instruction, or empty
   */
  Step.About about(Task task, String note) {
    return about(task, names.next(shown(task) + note), null);
  }

  /** What is said about putting the layer of the step before on top. */
  Step.About linkAbout(Task task) {
    String shown = shown(task);
    String whole = names.again(shown);
    String id = Bytes.utf8(whole + task.location()).digest().hex();
    var group = new OpMetadata.ProgressGroup(id, whole, false);
    return about(task, names.again("LINK " + shown), group);
  }

  private Step.About about(Task task, String name, OpMetadata.@Nullable ProgressGroup group) {
    return new Step.About(
        name,
        task.instruction().statement().text(),
        task.location(),
        build.options().noCache().covers(stage.name()) || refusesCache(task),
        group);
  }

  /** {@code RUN --no-cache}: this step runs whenever the stage is built. */
  private static boolean refusesCache(Task task) {
    return task.instruction() instanceof Instruction.Run run && run.noCache();
  }

  private String shown(Task task) {
    String text = task.words().show(task.instruction().statement().text(), task.range(), state);
    int keyword = task.instruction().statement().keyword().length();
    return (task.trigger() ? "ONBUILD " : "")
        + text.substring(0, keyword).toUpperCase(Locale.ROOT)
        + text.substring(keyword);
  }

  /** The program and arguments of a command in shell form. */
  List<String> withShell(String text) {
    var args = new ArrayList<>(state.shell.isEmpty() ? List.of("/bin/sh", "-c") : state.shell);
    args.add(text);
    return args;
  }
}
