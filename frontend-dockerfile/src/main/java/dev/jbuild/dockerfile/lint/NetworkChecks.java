package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.CommandLine;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.SourceRange;
import dev.jbuild.netplan.HostPorts;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What the commands of RUN want of the network, held against what the step gets. */
final class NetworkChecks {
  /** Something left running: a URL of localhost may well be its. */
  private static final Pattern BACKGROUND =
      Pattern.compile("(?<![&>|])&(?![&>])|\\b(?:nohup|daemon(?:ize)?|service|start)\\b");

  /** Programs for which a URL is only text. */
  private static final Set<String> WRITERS =
      Set.of("echo", "printf", "cat", "tee", "sed", "awk", "grep", "perl", "jq", "export", "test");

  private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash", "zsh", "ksh");

  private final StepNetwork usual;
  private final Remarks remarks;

  /** A command and where a part of it stands. */
  private record Placed(List<String> words, String text, Places places) {}

  /** Where characters of a command's text stand in the file. */
  private interface Places {
    SourceRange range(int start, int end);
  }

  NetworkChecks(StepNetwork usual, Remarks remarks) {
    this.usual = usual;
    this.remarks = remarks;
  }

  void run(Instruction instruction) {
    if (instruction instanceof Instruction.Onbuild onbuild) {
      run(onbuild.trigger());
      return;
    }
    if (!(instruction instanceof Instruction.Run run)) {
      return;
    }
    NetMode mode = mode(run);
    if (mode == NetMode.NONE) {
      commands(run).forEach(this::tool);
    } else if (mode == NetMode.SANDBOX && !BACKGROUND.matcher(allText(run)).find()) {
      commands(run).forEach(this::localhost);
    }
  }

  private NetMode mode(Instruction.Run run) {
    if (run.network() == Instruction.Run.Network.NONE) {
      return NetMode.NONE;
    }
    return run.network() == Instruction.Run.Network.HOST ? NetMode.HOST : usual.mode();
  }

  private static String allText(Instruction.Run run) {
    var text = new StringBuilder(run.statement().arguments().text());
    run.statement().heredocs().forEach(heredoc -> text.append('\n').append(heredoc.content()));
    return text.toString();
  }

  private static List<Placed> commands(Instruction.Run run) {
    Fragment arguments = run.statement().arguments();
    if (run.command() instanceof CommandLine.ExecForm exec) {
      String text = String.join(" ", exec.args());
      return List.of(new Placed(exec.args(), text, (start, end) -> arguments.range()));
    }
    var commands = new ArrayList<Placed>();
    boolean shell = add(commands, arguments.text(), (a, b) -> arguments.slice(a, b).range());
    for (Heredoc heredoc : run.statement().heredocs()) {
      String content = heredoc.content();
      boolean script = heredoc.operator().equals(arguments.range()) || shell;
      if (script
          && (!content.startsWith("#!") || content.lines().findFirst().orElse("").endsWith("sh"))) {
        add(commands, content, heredoc::range);
      }
    }
    return commands;
  }

  /** Adds the commands of a script; returns whether one of them is a shell. */
  private static boolean add(List<Placed> commands, String script, Places places) {
    boolean shell = false;
    for (ShellCommand command : ShellCommand.split(script)) {
      shell |= SHELLS.contains(program(command.words()));
      int from = command.start();
      commands.add(
          new Placed(
              command.words(),
              script.substring(from, command.end()),
              (start, end) -> places.range(from + start, from + end)));
    }
    return shell;
  }

  private static String program(List<String> words) {
    return words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1);
  }

  private void localhost(Placed command) {
    if (command.words.isEmpty() || WRITERS.contains(program(command.words))) {
      return;
    }
    if (!remarks.wants(Rule.LOCALHOST_IN_DEFAULT_NETWORK)) {
      return;
    }
    for (LocalhostUrl url : LocalhostUrl.all(command.text)) {
      if (!url.isGranted(usual.hostPorts())) {
        HostPorts grant = url.grant();
        remarks.add(
            Rule.LOCALHOST_IN_DEFAULT_NETWORK,
            command.places.range(url.start(), url.start() + url.text().length()),
            "'"
                + url.text()
                + "' is the step itself here, not the machine around it, which RUN --network=host"
                + " would reach"
                + (grant == null
                    ? ""
                    : ", and --allow network.host=" + grant + " for this port alone"));
      }
    }
  }

  private void tool(Placed command) {
    boolean wanted = remarks.wants(Rule.NETWORK_TOOL_WITHOUT_NETWORK);
    String tool = wanted ? NetworkTools.named(command.words) : "";
    if (!tool.isEmpty() && !LocalhostUrl.isIn(command.text)) {
      remarks.add(
          Rule.NETWORK_TOOL_WITHOUT_NETWORK,
          command.places.range(0, command.text.length()),
          "'" + tool + "' wants a network, but this step runs with network mode none");
    }
  }
}
