package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.CommandLine;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.options.RunOptions;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.llb.CdiDevice;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SecurityMode;
import java.util.ArrayList;
import java.util.List;

/** RUN. */
final class RunEvaluation {
  private static final String SCRIPTS = "/dev/pipes/";

  private final StageEvaluation stage;
  private final Task task;
  private final Instruction.Run run;
  private final RunOptions options;
  private final List<Step.Mounted> scripts = new ArrayList<>();
  private String note = "";

  RunEvaluation(StageEvaluation stage, Task task, Instruction.Run run) {
    this.stage = stage;
    this.task = task;
    this.run = run;
    this.options = stage.build().options().run();
  }

  void apply() {
    StageState state = stage.state();
    state.used().addAll(); // a process may look at any file
    List<String> args =
        switch (run.command()) {
          case CommandLine.ExecForm exec -> exec.args();
          case CommandLine.ShellForm shell -> stage.withShell(script(shell.text()));
        };
    var mounts = new RunMounts(stage, task, run);
    mounts.addAll(scripts);
    mounts.evaluate();
    var meta =
        new ExecMeta(
            args,
            mounts.environment(),
            state.directory(),
            state.user,
            options.proxy(),
            options.hosts(),
            options.hostname(),
            options.ulimits(),
            options.cgroupParent(),
            true,
            List.of());
    stage.add(
        new Step.Run(
            stage.about(task, note),
            meta,
            mounts.mounted(),
            network(),
            run.insecure() ? SecurityMode.INSECURE : SecurityMode.SANDBOX,
            mounts.secretVariables(),
            devices(),
            options.resources(),
            run.attempts(),
            state.platform()));
    stage.addLayerHistory(
        task, "RUN " + state.argsPrefix() + String.join(" ", args) + " # buildkit");
  }

  /** The instruction's own mode, else the one the client set for the build. */
  private NetMode network() {
    return switch (run.network()) {
      case DEFAULT -> options.network();
      case NONE -> NetMode.NONE;
      case HOST -> NetMode.HOST;
      case ISOLATED -> NetMode.SANDBOX;
    };
  }

  private List<CdiDevice> devices() {
    var devices = new ArrayList<CdiDevice>();
    for (Instruction.Run.Device device : run.devices()) {
      devices.add(new CdiDevice(device.name(), !device.required()));
    }
    return devices;
  }

  /** The text for the shell, with heredocs put where the shell or the kernel finds them. */
  private String script(String text) {
    Statement statement = run.statement();
    List<Heredoc> heredocs = statement.heredocs();
    if (heredocs.isEmpty()) {
      return text;
    }
    Heredoc first = heredocs.getFirst();
    boolean alone = heredocs.size() == 1 && first.operator().equals(statement.arguments().range());
    if (!alone) {
      var script = new StringBuilder(text);
      for (Heredoc heredoc : heredocs) {
        script.append('\n').append(heredoc.content()).append(heredoc.name());
      }
      return script.toString();
    }
    String content = first.text();
    note = " (" + summary(content) + ")";
    if (!content.startsWith("#!")) {
      return content;
    }
    scripts.add(
        new Step.Mounted(
            Step.document(first.name(), 0755, content),
            "",
            SCRIPTS.substring(0, SCRIPTS.length() - 1),
            true,
            MountSpec.Type.BIND,
            null));
    return SCRIPTS + Step.fileName(first.name());
  }

  private static String summary(String content) {
    List<String> lines = content.strip().lines().toList();
    String first = lines.isEmpty() ? "" : lines.getFirst();
    return lines.size() > 1 ? first + "..." : first;
  }
}
