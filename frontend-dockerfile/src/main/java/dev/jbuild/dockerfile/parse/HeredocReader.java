package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds {@code <<EOF} in a logical line and takes the lines that belong to it. */
final class HeredocReader {
  private static final Set<String> INSTRUCTIONS = Set.of("RUN", "COPY", "ADD");

  /** In RUN the shell's operators end the delimiter: {@code cat <<EOF>file}. */
  private static final Pattern OPERATOR = Pattern.compile("([0-9]*)<<(-?)([^<]*)");

  private static final Pattern SHELL_OPERATOR = Pattern.compile("[<>|;&()].*");
  private static final int MAX_HEREDOCS = 100;

  private final SourceFile file;
  private final SourceLines lines;

  HeredocReader(SourceFile file, SourceLines lines) {
    this.file = file;
    this.lines = lines;
  }

  private record Opening(String name, boolean expand, boolean stripTabs, SourceRange range) {}

  /** The heredocs of this line in order, read from the lines that follow. */
  List<Heredoc> read(Fragment logical) {
    if (logical.text().indexOf("<<") < 0) {
      return List.of();
    }
    var heredocs = new ArrayList<Heredoc>();
    for (Opening opening : openings(logical)) {
      if (heredocs.size() == MAX_HEREDOCS) {
        throw file.error(opening.range, "more than " + MAX_HEREDOCS + " heredocs in one line");
      }
      heredocs.add(body(opening));
    }
    return heredocs;
  }

  private List<Opening> openings(Fragment logical) {
    List<Fragment> words = WordSplitter.splitAtBlanks(logical);
    int at = 0;
    String keyword = words.get(0).text().toUpperCase(Locale.ROOT);
    if (keyword.equals("ONBUILD") && words.size() > 1) {
      at = 1;
      keyword = words.get(1).text().toUpperCase(Locale.ROOT);
    }
    if (!INSTRUCTIONS.contains(keyword) || startsJson(words, at + 1)) {
      return List.of();
    }
    // The shell that will read the line knows only the backslash.
    if (WordSplitter.hasOpenQuote(logical, '\\')) {
      return List.of();
    }
    var openings = new ArrayList<Opening>();
    for (Fragment word : WordSplitter.split(logical, '\\')) {
      Matcher matcher = OPERATOR.matcher(word.text());
      if (matcher.matches()) {
        String delimiter = matcher.group(3);
        if (keyword.equals("RUN")) {
          delimiter = SHELL_OPERATOR.matcher(delimiter).replaceFirst("");
        }
        add(openings, delimiter, !matcher.group(2).isEmpty(), word.range());
      }
    }
    return openings;
  }

  private static boolean startsJson(List<Fragment> words, int first) {
    int at = first;
    while (at < words.size() && words.get(at).text().startsWith("--")) {
      at++;
    }
    return at < words.size() && words.get(at).charAt(0) == '[';
  }

  private static void add(
      List<Opening> openings, String delimiter, boolean stripTabs, SourceRange range) {
    String name = WordSplitter.unquote(delimiter, '\\');
    if (!name.isEmpty()) {
      boolean quoted = delimiter.indexOf('\'') >= 0 || delimiter.indexOf('"') >= 0;
      openings.add(new Opening(name, !quoted, stripTabs, range));
    }
  }

  private Heredoc body(Opening opening) {
    var content = new StringBuilder();
    int firstLine = lines.number() + 1;
    while (lines.hasNext()) {
      String line = lines.next();
      String candidate = opening.stripTabs ? withoutTabs(line) : line;
      if (candidate.equals(opening.name)) {
        var body = new SourceRange(firstLine, 0, lines.number(), line.length());
        return new Heredoc(
            opening.name,
            opening.expand,
            opening.stripTabs,
            content.toString(),
            opening.range,
            body);
      }
      content.append(lines.lastWithEnd());
    }
    throw file.error(
        opening.range,
        "heredoc '"
            + opening.name
            + "' is not closed, want a line with only '"
            + opening.name
            + "' in it");
  }

  private static String withoutTabs(String line) {
    int at = 0;
    while (at < line.length() && line.charAt(at) == '\t') {
      at++;
    }
    return line.substring(at);
  }
}
