package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;

/** Takes a logical line apart: keyword, flags, arguments. */
public final class StatementReader {
  private final SourceFile file;
  private final char escape;

  /**
   * @param escape as the file's directive says
   */
  public StatementReader(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
  }

  /**
   * @param logical not empty, without white space around it
   */
  Statement read(Fragment logical, List<Heredoc> heredocs, List<String> comments) {
    int end = 0;
    while (end < logical.length() && !Character.isWhitespace(logical.charAt(end))) {
      end++;
    }
    Fragment keyword = logical.slice(0, end);
    Fragment rest = logical.slice(end, logical.length()).strip();
    var flags = new ArrayList<Flag>();
    int at = readFlags(rest, flags);
    Fragment arguments = rest.slice(at, rest.length()).strip();
    return new Statement(
        logical, keyword, flags, arguments, heredocs, range(logical, heredocs), comments);
  }

  /** The statement that is the argument of ONBUILD. */
  public Statement readNested(Statement outer) {
    return read(outer.arguments(), outer.heredocs(), List.of());
  }

  private static SourceRange range(Fragment logical, List<Heredoc> heredocs) {
    SourceRange range = logical.range();
    if (heredocs.isEmpty()) {
      return range;
    }
    SourceRange last = heredocs.getLast().body();
    return new SourceRange(
        range.startLine(), range.startCharacter(), last.endLine(), last.endCharacter());
  }

  /** Returns where the flags end. */
  private int readFlags(Fragment rest, List<Flag> flags) {
    int at = 0;
    while (true) {
      while (at < rest.length() && Character.isWhitespace(rest.charAt(at))) {
        at++;
      }
      if (at + 1 >= rest.length() || rest.charAt(at) != '-' || rest.charAt(at + 1) != '-') {
        return at;
      }
      int end = WordSplitter.wordEnd(rest, at, escape);
      Fragment token = rest.slice(at, end);
      at = end;
      if (token.length() == 2) {
        return at;
      }
      flags.add(flag(token));
    }
  }

  private Flag flag(Fragment token) {
    String text = token.text();
    int equals = text.indexOf('=');
    int nameEnd = equals < 0 ? text.length() : equals;
    if (nameEnd == 2) {
      throw file.error(token.range(), "a flag without a name: '" + text + "'");
    }
    String value = equals < 0 ? null : WordSplitter.unquote(text.substring(equals + 1), escape);
    return new Flag(
        WordSplitter.unquote(text.substring(2, nameEnd), escape),
        value,
        token,
        token.slice(0, nameEnd).range());
  }
}
