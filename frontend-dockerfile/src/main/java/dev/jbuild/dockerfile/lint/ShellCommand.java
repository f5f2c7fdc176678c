package dev.jbuild.dockerfile.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * One simple command of a script, found without understanding all of a shell's language: enough to
 * see which programs are started.
 *
 * @param words without quotes; variables stand as written
 * @param start where the first word begins in the script
 * @param end where the last word ends
 */
record ShellCommand(List<String> words, int start, int end) {
  private static final String SEPARATORS = ";|&\n()`";
  private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");
  private static final List<String> PREFIXES =
      List.of(
          "sudo", "exec", "time", "env", "command", "nice", "then", "do", "else", "if", "while",
          "until", "!", "{");

  ShellCommand {
    words = List.copyOf(words);
  }

  /** The commands in order; comments and assignments in front are left out. */
  static List<ShellCommand> split(String script) {
    var commands = new ArrayList<ShellCommand>();
    var reader = new Reader(script);
    while (reader.at < script.length()) {
      ShellCommand command = reader.command();
      if (!command.words.isEmpty()) {
        commands.add(command);
      }
      reader.at++;
    }
    return commands;
  }

  private static final class Reader {
    private final String script;
    private int at;

    Reader(String script) {
      this.script = script;
    }

    /** Reads up to the next separator. */
    ShellCommand command() {
      var words = new ArrayList<String>();
      int start = at;
      int end = at;
      while (at < script.length() && SEPARATORS.indexOf(script.charAt(at)) < 0) {
        char c = script.charAt(at);
        if (c == '#') {
          int line = script.indexOf('\n', at);
          at = line < 0 ? script.length() : line;
        } else if (Character.isWhitespace(c)) {
          at++;
        } else {
          int from = at;
          String word = word();
          if (!words.isEmpty() || !isPrefix(word)) {
            start = words.isEmpty() ? from : start;
            words.add(word);
            end = at;
          }
        }
      }
      return new ShellCommand(words, start, end);
    }

    private static boolean isPrefix(String word) {
      return PREFIXES.contains(word) || ASSIGNMENT.matcher(word).matches();
    }

    private String word() {
      var word = new StringBuilder();
      char quote = 0;
      while (at < script.length()) {
        char c = script.charAt(at);
        boolean ends = quote == 0 && (Character.isWhitespace(c) || SEPARATORS.indexOf(c) >= 0);
        if (ends) {
          break;
        }
        at++;
        if (c == '\\' && quote != '\'' && at < script.length()) {
          word.append(script.charAt(at++));
        } else if (quote == 0 && (c == '\'' || c == '"')) {
          quote = c;
        } else if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      }
      return word.toString();
    }
  }
}
