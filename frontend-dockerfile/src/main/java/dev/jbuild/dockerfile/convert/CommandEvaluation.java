package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.CommandLine;
import dev.jbuild.dockerfile.instruction.GoDuration;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.oci.Healthcheck;
import java.util.ArrayList;
import java.util.List;

/** CMD, ENTRYPOINT, SHELL and HEALTHCHECK: what containers of the image start. */
final class CommandEvaluation {
  private CommandEvaluation() {}

  static void cmd(StageEvaluation stage, Task task, Instruction.Cmd cmd) {
    stage.state().cmd = args(stage, task, cmd.command());
    stage.state().cmdSet = true;
    stage.state().argsEscaped = true; // the field's tools expect it of every CMD
    stage.addHistory(task, "CMD " + quoted(stage.state().cmd));
  }

  /** A CMD from below was meant for another entry point. */
  static void entrypoint(StageEvaluation stage, Task task, Instruction.Entrypoint entrypoint) {
    stage.state().entrypoint = args(stage, task, entrypoint.command());
    if (!stage.state().cmdSet) {
      stage.state().cmd = List.of();
    }
    stage.addHistory(task, "ENTRYPOINT " + quoted(stage.state().entrypoint));
  }

  static void shell(StageEvaluation stage, Task task, Instruction.Shell shell) {
    stage.state().shell = shell.args();
    stage.addHistory(task, "SHELL [" + String.join(" ", shell.args()) + "]");
  }

  static void healthcheck(StageEvaluation stage, Task task, Instruction.Healthcheck check) {
    var healthcheck =
        check.command() == null
            ? Healthcheck.NONE
            : new Healthcheck(
                test(check.command()),
                check.interval(),
                check.timeout(),
                check.startPeriod(),
                check.startInterval(),
                check.retries());
    stage.state().healthcheck = healthcheck;
    stage.addHistory(
        task,
        "HEALTHCHECK {Test:["
            + String.join(" ", healthcheck.test())
            + "] Interval:"
            + GoDuration.print(healthcheck.interval())
            + " Timeout:"
            + GoDuration.print(healthcheck.timeout())
            + " StartPeriod:"
            + GoDuration.print(healthcheck.startPeriod())
            + " StartInterval:"
            + GoDuration.print(healthcheck.startInterval())
            + " Retries:"
            + healthcheck.retries()
            + "}");
  }

  private static List<String> test(CommandLine command) {
    return switch (command) {
      case CommandLine.ShellForm shell -> List.of("CMD-SHELL", shell.text());
      case CommandLine.ExecForm exec -> {
        var test = new ArrayList<String>();
        test.add("CMD");
        test.addAll(exec.args());
        yield test;
      }
    };
  }

  private static List<String> args(StageEvaluation stage, Task task, CommandLine command) {
    return switch (command) {
      case CommandLine.ExecForm exec -> exec.args();
      case CommandLine.ShellForm shell -> {
        if (stage.state().shell.isEmpty()) {
          task.words()
              .remark(
                  Rule.JSON_ARGS_RECOMMENDED,
                  task.instruction().statement().arguments().range(),
                  task.instruction().name() + " in JSON form would get signals itself");
        }
        yield stage.withShell(shell.text());
      }
    };
  }

  private static String quoted(List<String> args) {
    var quoted = new ArrayList<String>();
    for (String arg : args) {
      quoted.add('"' + arg.replace("\\", "\\\\").replace("\"", "\\\"") + '"');
    }
    return "[" + String.join(" ", quoted) + "]";
  }
}
