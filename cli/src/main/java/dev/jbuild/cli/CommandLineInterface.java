package dev.jbuild.cli;

import dev.jbuild.cli.build.Suggestion;
import dev.jbuild.daemon.Version;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds the command that the arguments name. Help and version are answered here, without a parser:
 * no class of one is named in this file, or the virtual machine would load it to verify this one.
 */
public final class CommandLineInterface {
  private static final Map<String, String> COMMANDS = summaries();
  private static final List<String> WITH_VALUE =
      List.of(
          "--addr",
          "--root",
          "--config",
          "--timeout",
          "--tlscacert",
          "--tlscert",
          "--tlskey",
          "--tlsdir",
          "--tlsservername");

  private final CliContext context;
  private final String version;

  public CommandLineInterface(CliContext context) {
    this(context, "jbuild");
  }

  /**
   * @param name that the program was called by; as {@code buildctl} it tells its version as that
   *     one
   */
  public CommandLineInterface(CliContext context, String name) {
    this.context = context;
    this.version =
        name.equals("buildctl") ? Version.asBuildkit("buildctl") : "jbuild " + Version.text();
  }

  private static Map<String, String> summaries() {
    var summaries = new LinkedHashMap<String, String>();
    summaries.put("build", "build an image from a Dockerfile");
    summaries.put("history", "show the builds of the past and what happened in them");
    summaries.put("du", "show what the cache holds");
    summaries.put("images", "list the images of the store");
    summaries.put("prune", "remove from the cache what nothing uses");
    summaries.put("debug", "list a daemon's workers: debug workers");
    summaries.put("dial-stdio", "join standard input and output with a daemon");
    summaries.put("version", "show the version");
    return summaries;
  }

  /** Runs and gives the exit code; never throws. */
  public int run(String... args) {
    int at = commandIndex(args);
    if (at < 0) {
      return withoutCommand(args);
    }
    String name = args[at];
    if (!COMMANDS.containsKey(name)) {
      return usage("unknown command '" + name + "'" + Suggestion.of(name, COMMANDS.keySet()));
    }
    if (name.equals("version") && args.length == 1) {
      return version();
    }
    var rest = new ArrayList<String>(List.of(args));
    rest.remove(at);
    if (name.equals("dial-stdio")) {
      return new DialStdio(context).run(rest.toArray(String[]::new));
    }
    return new CommandRunner(context).run(name, rest.toArray(String[]::new));
  }

  private int version() {
    context.out().print(version + "\n");
    context.out().flush();
    return ExitCode.OK;
  }

  private int usage(String message) {
    context.err().println("error: " + message);
    context.err().println("see 'jbuild --help'");
    context.err().flush();
    return ExitCode.USAGE;
  }

  private int withoutCommand(String[] args) {
    for (String arg : args) {
      switch (arg) {
        case "-v", "--version" -> {
          return version();
        }
        case "-h", "--help" -> {
          context.out().print(help());
          context.out().flush();
          return ExitCode.OK;
        }
        default -> {}
      }
    }
    if (args.length > 0) {
      return usage("no command given");
    }
    context.err().print(help());
    context.err().flush();
    return ExitCode.USAGE;
  }

  /** The first argument that is neither an option nor an option's value; -1 if there is none. */
  private static int commandIndex(String[] args) {
    int i = 0;
    while (i < args.length && args[i].startsWith("-")) {
      i += WITH_VALUE.contains(args[i]) ? 2 : 1;
    }
    return i < args.length ? i : -1;
  }

  private static String help() {
    var text = new StringBuilder();
    text.append("Usage: jbuild [--addr ADDRESS] [--root DIR] COMMAND\n\n")
        .append("Builds container images in sandboxes with an explicit network.\n\nCommands:\n");
    COMMANDS.forEach(
        (name, summary) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(12 - name.length()))
                .append(summary)
                .append("\n"));
    text.append("\nOptions of every command:\n")
        .append("  --addr ADDRESS  daemon to use, unix://PATH or tcp://HOST:PORT ($JBUILD_HOST,\n")
        .append("                  else $BUILDKIT_HOST)\n")
        .append("  --tlscacert FILE, --tlscert FILE, --tlskey FILE, --tlsservername NAME\n")
        .append("                  TLS to a daemon at tcp://; --tlsdir DIR for all of them\n")
        .append("  --root DIR      state directory when no daemon is used ($JBUILD_ROOT),\n")
        .append("                  else ")
        .append(Globals.DEFAULT_ROOT)
        .append("\n")
        .append("  --config FILE   configuration when no daemon is used ($JBUILD_CONFIG)\n")
        .append("  -D, --debug     show causes of errors\n")
        .append("  -h, --help      show a command's options: jbuild COMMAND --help\n")
        .append("  -v, --version   show the version\n");
    return text.toString();
  }
}
