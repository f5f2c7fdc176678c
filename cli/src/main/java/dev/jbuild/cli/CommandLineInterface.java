package dev.jbuild.cli;

import dev.jbuild.cli.build.Suggestion;
import dev.jbuild.cli.build.UsageException;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Finds the command that the arguments name, runs it and turns every ending into an exit code. Only
 * the command that is called is made; help and version need no parser at all.
 */
public final class CommandLineInterface {
  private static final Map<String, Entry> COMMANDS = commands();
  private static final List<String> WITH_VALUE = List.of("--addr", "--root", "--config");

  private final CliContext context;

  public CommandLineInterface(CliContext context) {
    this.context = context;
  }

  private record Entry(String summary, Supplier<Command> maker) {}

  private static Map<String, Entry> commands() {
    var commands = new LinkedHashMap<String, Entry>();
    commands.put("build", new Entry("build an image from a Dockerfile", BuildCommand::new));
    commands.put("images", new Entry("list the images of the store", ImagesCommand::new));
    commands.put("version", new Entry("show the version", VersionCommand::new));
    return commands;
  }

  /** Runs and gives the exit code; never throws. */
  public int run(String... args) {
    int at = commandIndex(args);
    if (at < 0) {
      return withoutCommand(args);
    }
    String name = args[at];
    Entry entry = COMMANDS.get(name);
    if (entry == null) {
      return usage("unknown command '" + name + "'" + Suggestion.of(name, COMMANDS.keySet()), null);
    }
    if (name.equals("version") && args.length == 1) {
      return VersionCommand.print(context);
    }
    var rest = new ArrayList<String>(List.of(args));
    rest.remove(at);
    return run(name, entry.maker().get(), rest.toArray(String[]::new));
  }

  private int run(String name, Command command, String[] args) {
    CommandSpec spec = command.spec();
    spec.name("jbuild " + name);
    Globals.addTo(spec);
    var line = new CommandLine(spec);
    line.setPosixClusteredShortOptionsAllowed(true);
    line.setOverwrittenOptionsAllowed(true);
    line.setUnmatchedOptionsAllowedAsOptionParameters(false);
    Globals globals = null;
    try {
      ParseResult parsed = line.parseArgs(args);
      if (parsed.isUsageHelpRequested()) {
        context.out().print(line.getUsageMessage(Ansi.OFF));
        return ExitCode.OK;
      }
      globals = Globals.of(parsed, context);
      return command.run(parsed, globals, context);
    } catch (UnmatchedArgumentException e) {
      return usage(unmatched(e, spec), name);
    } catch (ParameterException e) {
      return usage(decapitalized(e.getMessage()), name);
    } catch (UsageException e) {
      return usage(String.valueOf(e.getMessage()), name);
    } catch (BuildException e) {
      return failed(e, globals);
    } catch (InterruptedException e) {
      return failed(new BuildException(Code.CANCELLED, "cancelled", e), globals);
    } catch (RuntimeException e) {
      context.err().println("error: internal: this is a bug in jbuild: " + e);
      e.printStackTrace(context.err());
      return ExitCode.INTERNAL;
    } finally {
      context.out().flush();
      context.err().flush();
    }
  }

  private int failed(BuildException failure, @Nullable Globals globals) {
    if (globals != null && globals.debug()) {
      failure.printStackTrace(context.err());
    }
    boolean cancelled = failure.code() == Code.CANCELLED || context.cancellation().cancelled();
    context.err().println("error: " + (cancelled ? "cancelled" : failure.message()));
    return cancelled ? ExitCode.CANCELLED : ExitCode.of(failure);
  }

  private int usage(String message, @Nullable String command) {
    String help = command == null ? "jbuild --help" : "jbuild " + command + " --help";
    context.err().println("error: " + message);
    context.err().println("see '" + help + "'");
    context.err().flush();
    return ExitCode.USAGE;
  }

  private int withoutCommand(String[] args) {
    for (String arg : args) {
      switch (arg) {
        case "-v", "--version" -> {
          return VersionCommand.print(context);
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
      return usage("no command given", null);
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
        (name, entry) ->
            text.append("  ")
                .append(name)
                .append(" ".repeat(10 - name.length()))
                .append(entry.summary())
                .append("\n"));
    text.append("\nOptions of every command:\n")
        .append("  --addr ADDRESS  daemon to use, unix://PATH or tcp://HOST:PORT ($JBUILD_HOST)\n")
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

  private static String unmatched(UnmatchedArgumentException e, CommandSpec spec) {
    String first = e.getUnmatched().get(0);
    if (!first.startsWith("-") || first.equals("-")) {
      return "unexpected argument '" + first + "'";
    }
    int equals = first.indexOf('=');
    String flag = equals < 0 ? first : first.substring(0, equals);
    String later = LaterFlags.sentence(flag);
    if (!later.isEmpty()) {
      return later;
    }
    var known = spec.optionsMap().keySet().stream().filter(name -> name.length() > 2).toList();
    return "unknown flag '" + flag + "'" + Suggestion.of(flag, known);
  }

  private static String decapitalized(@Nullable String text) {
    if (text == null || text.isEmpty()) {
      return "the arguments can not be understood";
    }
    return Character.toLowerCase(text.charAt(0)) + text.substring(1);
  }
}
