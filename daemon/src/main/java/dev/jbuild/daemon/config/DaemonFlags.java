package dev.jbuild.daemon.config;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The daemon's command line. Names are buildkitd's, written as its flag library takes them: one
 * dash or two, {@code --x=value} or {@code --x value}, switches never with a value apart. Flags win
 * over the file.
 */
public final class DaemonFlags {
  private static final int HELP_COLUMN = 36;

  private final Program program;
  private final FlagValues values;
  private final Action action;

  private DaemonFlags(Program program, FlagValues values, Action action) {
    this.program = program;
    this.values = values;
    this.action = action;
  }

  /** What the program shall do. */
  public enum Action {
    SERVE,
    SHOW_HELP,
    SHOW_VERSION
  }

  /** Reads arguments of {@code jbuildd}. */
  public static DaemonFlags parse(String... args) {
    return parse(Program.JBUILDD, args);
  }

  /**
   * Reads arguments.
   *
   * @throws BuildException INVALID when they are wrong
   */
  public static DaemonFlags parse(Program program, String... args) {
    var given = new ArrayList<FlagValues.Given>();
    Action action = Action.SERVE;
    int i = 0;
    while (i < args.length) {
      String arg = args[i++];
      if (arg.equals("--") && i == args.length) {
        break;
      }
      int equals = arg.indexOf('=');
      String name = name(equals < 0 ? arg : arg.substring(0, equals));
      switch (name) {
        case "h", "help" -> action = Action.SHOW_HELP;
        case "v", "version" -> action = Action.SHOW_VERSION;
        default -> {
          Flag flag = flag(name);
          if (flag == null) {
            throw new BuildException(
                Code.INVALID,
                "unknown argument '" + arg + "', see '" + program.word() + " --help'");
          }
          String value;
          if (equals >= 0) {
            value = arg.substring(equals + 1);
          } else if (flag.kind() == Flag.Kind.SWITCH) {
            value = "true";
          } else if (i < args.length) {
            value = args[i++];
          } else {
            throw new BuildException(Code.INVALID, "--" + name + ": a value is missing");
          }
          given.add(new FlagValues.Given(flag, value));
        }
      }
    }
    return new DaemonFlags(program, new FlagValues(program, given), action);
  }

  private static String name(String word) {
    return word.startsWith("--")
        ? word.substring(2)
        : word.startsWith("-") ? word.substring(1) : "";
  }

  private static @Nullable Flag flag(String name) {
    return Flag.ALL.stream().filter(flag -> flag.name().equals(name)).findFirst().orElse(null);
  }

  public Action action() {
    return action;
  }

  /**
   * Arguments with what the environment says put before them, so that flags count more: {@code
   * JBUILD_ROOT} is a {@code --root}.
   */
  public static String[] withEnvironment(Map<String, String> env, String... args) {
    String root = env.getOrDefault("JBUILD_ROOT", "");
    if (root.isEmpty()) {
      return args;
    }
    var all = new ArrayList<String>();
    all.add("--root=" + root);
    all.addAll(List.of(args));
    return all.toArray(String[]::new);
  }

  /** File and flags together; warnings are about the file. */
  public ConfigFile.Parsed config() {
    String named = values.last("config", "");
    Path file = named.isEmpty() ? program.file() : Path.of(named);
    ConfigFile.Parsed parsed = ConfigFile.read(file, values);
    return parsed.config().addresses().isEmpty()
        ? new ConfigFile.Parsed(
            parsed.config().listeningAt(ListenAddress.parse(program.address())), parsed.warnings())
        : parsed;
  }

  /**
   * For an engine in the client's process: the file that is named, else the default one if it
   * exists, else the defaults.
   */
  public static ConfigFile.Parsed fileOrDefaults(@Nullable Path named) {
    if (named != null) {
      return ConfigFile.read(named);
    }
    return Files.exists(DaemonConfig.DEFAULT_FILE)
        ? ConfigFile.read(DaemonConfig.DEFAULT_FILE)
        : new ConfigFile.Parsed(DaemonConfig.defaults(), List.of());
  }

  /** The text of {@code --help}. */
  public String help() {
    var text = new StringBuilder();
    text.append("Usage: ")
        .append(program.word())
        .append(" [OPTIONS]\n\n")
        .append("Serves builds to clients: jbuild --addr, buildctl, docker buildx.\n\n");
    var tolerated = new ArrayList<String>();
    for (Flag flag : Flag.ALL) {
      if (flag.help().isEmpty()) {
        tolerated.add("--" + flag.name());
      } else {
        line(text, "--" + flag.name() + label(flag.kind()), flag.help());
      }
    }
    line(text, "--version", "show the version");
    line(text, "--help", "show this text");
    text.append("\nAddresses: unix:///PATH, tcp://HOST:PORT, fd:// (socket of the service")
        .append(" manager);\n")
        .append("where none is given: ")
        .append(program.address())
        .append("\nConfiguration: ");
    text.append(
        String.join(" or ", program.files().stream().map(file -> "'" + file + "'").toList()));
    text.append(", the first that is there\nState: ").append(program.root()).append("\n");
    text.append("Entitlements: network.host, security.insecure, ports of the host such as\n")
        .append("network.host=127.0.0.1:5000-5999\n\n");
    text.append("Known, and refused where they ask for what is not there:\n");
    tolerated.forEach(flag -> text.append("  ").append(flag).append("\n"));
    return text.toString();
  }

  private static String label(Flag.Kind kind) {
    return switch (kind) {
      case TEXT, LIST, COMMAS -> " VALUE";
      case NUMBER -> " N";
      case PAIRS -> " KEY=VALUE";
      case SWITCH -> "";
      case SWITCH_OR_AUTO -> " BOOL";
      case SPACES -> " SIZES";
    };
  }

  private static void line(StringBuilder text, String flag, String help) {
    text.append("  ")
        .append(flag)
        .append(" ".repeat(Math.max(1, HELP_COLUMN - flag.length())))
        .append(help)
        .append("\n");
  }
}
