package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Suggestion;
import java.util.Locale;
import java.util.Set;

/** The signals of Linux by name, for STOPSIGNAL. Source: signal(7). */
final class Signals {
  private static final int LAST = 64;
  private static final Set<String> NAMES =
      Set.of(
          "SIGABRT",
          "SIGALRM",
          "SIGBUS",
          "SIGCHLD",
          "SIGCLD",
          "SIGCONT",
          "SIGFPE",
          "SIGHUP",
          "SIGILL",
          "SIGINT",
          "SIGIO",
          "SIGIOT",
          "SIGKILL",
          "SIGPIPE",
          "SIGPOLL",
          "SIGPROF",
          "SIGPWR",
          "SIGQUIT",
          "SIGSEGV",
          "SIGSTKFLT",
          "SIGSTOP",
          "SIGSYS",
          "SIGTERM",
          "SIGTRAP",
          "SIGTSTP",
          "SIGTTIN",
          "SIGTTOU",
          "SIGUNUSED",
          "SIGURG",
          "SIGUSR1",
          "SIGUSR2",
          "SIGVTALRM",
          "SIGWINCH",
          "SIGXCPU",
          "SIGXFSZ",
          "SIGRTMIN",
          "SIGRTMAX");

  private Signals() {}

  /** A number from 1 to 64, or a name with or without {@code SIG}. */
  static boolean isSignal(String text) {
    if (text.matches("[0-9]{1,3}")) {
      int number = Integer.parseInt(text);
      return number >= 1 && number <= LAST;
    }
    String name = withPrefix(text);
    return NAMES.contains(name)
        || name.matches("SIGRTMIN\\+([1-9]|1[0-5])|SIGRTMAX-([1-9]|1[0-4])");
  }

  static String suggestion(String text) {
    return Suggestion.of(withPrefix(text), NAMES);
  }

  private static String withPrefix(String text) {
    String name = text.toUpperCase(Locale.ROOT);
    return name.startsWith("SIG") ? name : "SIG" + name;
  }
}
