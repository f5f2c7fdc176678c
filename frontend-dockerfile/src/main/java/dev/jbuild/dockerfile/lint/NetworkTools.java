package dev.jbuild.dockerfile.lint;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Programs that do nothing useful without a network. */
final class NetworkTools {
  private static final Set<String> ALWAYS = Set.of("curl", "wget", "ssh", "scp", "sftp", "ftp");

  /** Programs by the sub-commands that need the network. */
  private static final Map<String, Set<String>> COMMANDS =
      Map.ofEntries(
          Map.entry("apt-get", Set.of("update", "install", "upgrade", "dist-upgrade", "source")),
          Map.entry("apt", Set.of("update", "install", "upgrade", "full-upgrade")),
          Map.entry("apk", Set.of("add", "update", "upgrade", "fetch")),
          Map.entry("yum", Set.of("install", "update", "upgrade", "makecache")),
          Map.entry("dnf", Set.of("install", "update", "upgrade", "makecache")),
          Map.entry("microdnf", Set.of("install", "update", "upgrade")),
          Map.entry("zypper", Set.of("install", "in", "update", "up", "refresh", "ref")),
          Map.entry("pip", Set.of("install", "download")),
          Map.entry("pip3", Set.of("install", "download")),
          Map.entry("npm", Set.of("install", "i", "ci", "add", "update")),
          Map.entry("pnpm", Set.of("install", "i", "add", "fetch", "update")),
          Map.entry("yarn", Set.of("install", "add", "upgrade")),
          Map.entry("gem", Set.of("install", "update")),
          Map.entry("bundle", Set.of("install", "update")),
          Map.entry("composer", Set.of("install", "update", "require")),
          Map.entry("cargo", Set.of("fetch", "install", "update")),
          Map.entry("go", Set.of("get")),
          Map.entry("git", Set.of("clone", "fetch", "pull", "push", "ls-remote")));

  /** Switches with which these programs do without. */
  private static final Set<String> OFFLINE =
      Set.of("--offline", "--no-network", "--no-index", "--no-download", "--local", "--cacheonly");

  private NetworkTools() {}

  /** The program and sub-command that wants a network, {@code apt-get install}, or nothing. */
  static String named(List<String> command) {
    if (command.isEmpty() || command.stream().anyMatch(OFFLINE::contains)) {
      return "";
    }
    List<String> words = withoutPython(command);
    String program = words.getFirst().substring(words.getFirst().lastIndexOf('/') + 1);
    if (ALWAYS.contains(program)) {
      return program;
    }
    String action = firstArgument(words);
    boolean wants = COMMANDS.getOrDefault(program, Set.of()).contains(action);
    boolean localClone = program.equals("git") && action.equals("clone") && !namesRemote(words);
    return wants && !localClone ? program + " " + action : "";
  }

  /** {@code python3 -m pip} is pip. */
  private static List<String> withoutPython(List<String> command) {
    boolean module =
        command.size() > 2
            && command.get(0).matches("(.*/)?python[0-9.]*")
            && command.get(1).equals("-m");
    return module ? command.subList(2, command.size()) : command;
  }

  private static String firstArgument(List<String> words) {
    for (String word : words.subList(1, words.size())) {
      if (!word.startsWith("-")) {
        return word;
      }
    }
    return "";
  }

  private static boolean namesRemote(List<String> words) {
    return words.stream()
        .anyMatch(
            word ->
                (word.contains("://") && !word.startsWith("file://"))
                    || word.matches("[\\w.-]+@[\\w.-]+:.*"));
  }
}
