package dev.jbuild.cli;

import dev.jbuild.cli.build.Suggestion;
import dev.jbuild.cli.build.UsageException;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Makes one command, lets it parse its arguments, runs it, and turns every ending into an exit
 * code.
 */
final class CommandRunner {
  private final CliContext context;

  CommandRunner(CliContext context) {
    this.context = context;
  }

  /** Runs a command that is known; never throws. */
  int run(String name, String... args) {
    if (name.equals("history")) {
      return history(args);
    }
    Command command =
        switch (name) {
          case "build" -> new BuildCommand();
          case "debug" -> new DebugCommand();
          case "du" -> StorageCommand.du();
          case "images" -> new ImagesCommand();
          case "prune" -> StorageCommand.prune();
          case "version" -> new VersionCommand();
          default -> throw new IllegalStateException("unknown command " + name);
        };
    return run(name, command, args);
  }

  /** Its first word is a command again. */
  private int history(String... args) {
    HistoryCommands.Found found;
    try {
      found = HistoryCommands.find(args);
    } catch (UsageException e) {
      if (List.of(args).contains("--help") || List.of(args).contains("-h")) {
        context.out().print(HistoryCommands.help());
        context.out().flush();
        return ExitCode.OK;
      }
      return usage(String.valueOf(e.getMessage()), "history");
    }
    return run(
        "history " + found.name(),
        HistoryCommands.make(found.name()),
        found.args().toArray(String[]::new));
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

  private int usage(String message, String command) {
    context.err().println("error: " + message);
    context.err().println("see 'jbuild " + command + " --help'");
    context.err().flush();
    return ExitCode.USAGE;
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
