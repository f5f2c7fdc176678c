package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.List;
import java.util.Locale;

/**
 * One instruction as written.
 *
 * @param line the logical line, without white space around it
 * @param keyword as written, such as {@code run}
 * @param flags in order
 * @param arguments what follows the flags, without white space around it
 * @param range from the keyword to the end of the last line, heredocs included
 * @param comments the comment lines directly above, without {@code #}
 */
public record Statement(
    Fragment line,
    Fragment keyword,
    List<Flag> flags,
    Fragment arguments,
    List<Heredoc> heredocs,
    SourceRange range,
    List<String> comments) {

  public Statement {
    flags = List.copyOf(flags);
    heredocs = List.copyOf(heredocs);
    comments = List.copyOf(comments);
  }

  /** The keyword in capitals. */
  public String name() {
    return keyword.text().toUpperCase(Locale.ROOT);
  }

  /** The text of the logical line, flags included, without heredoc contents. */
  public String text() {
    return line.text();
  }
}
