package dev.jbuild.filetree;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;

/** A change of mode in the words of chmod(1): {@code u=rwX,g-w}, or in octal. Immutable. */
final class SymbolicMode {
  private static final int ALL = 07777;
  private static final int ANY_EXECUTE = 0111;
  private static final int OCTAL = 8;

  /**
   * One part.
   *
   * @param who mask of the classes: bits of user 0700 with set-uid, and so on
   * @param operator one of {@code = + -}
   * @param bits over all classes
   * @param conditional {@code X}: execute for directories and what has it already
   */
  private record Clause(int who, char operator, int bits, boolean conditional) {}

  private final List<Clause> clauses;

  private SymbolicMode(List<Clause> clauses) {
    this.clauses = clauses;
  }

  /**
   * @throws BuildException INVALID when the text is no mode
   */
  static SymbolicMode parse(String text) {
    if (!text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '7')) {
      int bits = Integer.parseInt(text, OCTAL);
      if (bits > ALL) {
        throw wrong(text);
      }
      return new SymbolicMode(List.of(new Clause(ALL, '=', bits, false)));
    }
    var clauses = new ArrayList<Clause>();
    for (String part : text.split(",", -1)) {
      addClauses(part, text, clauses);
    }
    return new SymbolicMode(clauses);
  }

  int applyTo(int permissions, boolean isDirectory) {
    int mode = permissions;
    for (Clause clause : clauses) {
      int bits = clause.bits;
      if (clause.conditional && (isDirectory || (mode & ANY_EXECUTE) != 0)) {
        bits |= ANY_EXECUTE;
      }
      bits &= clause.who;
      mode =
          switch (clause.operator) {
            case '+' -> mode | bits;
            case '-' -> mode & ~bits;
            default -> (mode & ~clause.who) | bits;
          };
    }
    return mode;
  }

  private static void addClauses(String part, String text, List<Clause> clauses) {
    int at = 0;
    int who = 0;
    while (at < part.length() && "ugoa".indexOf(part.charAt(at)) >= 0) {
      who |= classOf(part.charAt(at++));
    }
    who = who == 0 ? ALL : who;
    if (at == part.length()) {
      throw wrong(text);
    }
    while (at < part.length()) {
      char operator = part.charAt(at++);
      if (operator != '=' && operator != '+' && operator != '-') {
        throw wrong(text);
      }
      int bits = 0;
      boolean conditional = false;
      while (at < part.length() && "=+-".indexOf(part.charAt(at)) < 0) {
        char permission = part.charAt(at++);
        conditional |= permission == 'X';
        bits |= bitsOf(permission, text);
      }
      clauses.add(new Clause(who, operator, bits, conditional));
    }
  }

  private static int classOf(char who) {
    return switch (who) {
      case 'u' -> 04700;
      case 'g' -> 02070;
      case 'o' -> 01007;
      default -> ALL;
    };
  }

  private static int bitsOf(char permission, String text) {
    return switch (permission) {
      case 'r' -> 0444;
      case 'w' -> 0222;
      case 'x' -> ANY_EXECUTE;
      case 'X' -> 0;
      case 's' -> 06000;
      case 't' -> 01000;
      default -> throw wrong(text);
    };
  }

  private static BuildException wrong(String text) {
    return new BuildException(
        Code.INVALID, "mode '" + text + "': want octal digits or a form such as u=rwX,go-w");
  }
}
