package dev.jbuild.dockerfile.parse;

import dev.jbuild.error.BuildException;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the text of a Dockerfile into statements. Knows nothing of what instructions mean, but that
 * some take heredocs. Takes time and memory linear in the text. Source: Dockerfile reference,
 * "Format", "Parser directives", "Here-documents".
 */
public final class DockerfileParser {
  /** Far above any real file; the bridge would read up to 16 MiB. */
  private static final int MAX_CHARACTERS = 8 << 20;

  private final SourceFile file;
  private final Mistakes mistakes;
  private final SourceLines lines;
  private final DirectiveReader directives;
  private final List<Statement> statements = new ArrayList<>();
  private final List<SourceRange> emptyContinuations = new ArrayList<>();
  private List<String> comments = new ArrayList<>();
  private char escape = '\\';

  private DockerfileParser(SourceFile file, Mistakes mistakes) {
    this.file = file;
    this.mistakes = mistakes;
    this.lines = new SourceLines(file.text());
    this.directives = new DirectiveReader(file);
  }

  /**
   * @throws dev.jbuild.error.BuildException INVALID, with the place, for text that no instruction
   *     could be read from
   */
  public static SyntaxTree parse(SourceFile file) {
    var mistakes = new Mistakes();
    SyntaxTree tree = parse(file, mistakes);
    mistakes.fail();
    return tree;
  }

  /**
   * Leaves out what cannot be read and goes on behind it.
   *
   * @throws dev.jbuild.error.BuildException INVALID for a file that is too long
   */
  public static SyntaxTree parse(SourceFile file, Mistakes mistakes) {
    var everything = new SourceRange(1, 0, 1, 0);
    if (file.text().length() > MAX_CHARACTERS) {
      throw file.error(everything, "the file is longer than " + MAX_CHARACTERS + " characters");
    }
    var parser = new DockerfileParser(file, mistakes);
    parser.readAll();
    return new SyntaxTree(
        file,
        parser.escape,
        parser.directives.found(),
        parser.statements,
        parser.emptyContinuations);
  }

  private void readAll() {
    while (lines.hasNext()) {
      String line = lines.next();
      int number = lines.number();
      int start = indent(line, number == 1 && line.startsWith("\uFEFF") ? 1 : 0);
      if (isDirective(line.substring(start), number, start)) {
        escape = directives.escape();
      } else if (start == line.length()) {
        comments = new ArrayList<>();
      } else if (line.charAt(start) == '#') {
        comments.add(line.substring(start + 1).strip());
      } else {
        mistakes.collect(() -> readStatement(line, start));
        comments = new ArrayList<>();
      }
    }
  }

  private boolean isDirective(String line, int number, int indent) {
    try {
      return directives.accept(line, number, indent);
    } catch (BuildException mistake) {
      mistakes.add(mistake);
      return true;
    }
  }

  /** Adds a statement, unless all its lines but the continuation marks are empty. */
  private void readStatement(String first, int start) {
    var text = new Fragment.Builder();
    int startLine = lines.number();
    int end = continuationAt(first);
    text.add(
        first.substring(start, end < 0 ? first.length() : Math.max(start, end)), startLine, start);
    while (end >= 0 && lines.hasNext()) {
      String line = lines.next();
      int indent = indent(line, 0);
      if (indent == line.length()) {
        emptyContinuations.add(new SourceRange(lines.number(), 0, lines.number(), 0));
      } else if (line.charAt(indent) != '#') {
        end = continuationAt(line);
        text.add(line.substring(0, end < 0 ? line.length() : end), lines.number(), 0);
      }
    }
    if (text.isEmpty() || text.build().strip().isEmpty()) {
      return;
    }
    Fragment logical = text.build().strip();
    var reader = new StatementReader(file, escape);
    List<Heredoc> heredocs = new HeredocReader(file, lines).read(logical);
    statements.add(reader.read(logical, heredocs, comments));
  }

  /** Where the line is cut because it goes on, or -1 when it ends here. */
  private int continuationAt(String line) {
    int last = line.length() - 1;
    while (last >= 0 && (line.charAt(last) == ' ' || line.charAt(last) == '\t')) {
      last--;
    }
    boolean continued =
        last >= 0 && line.charAt(last) == escape && (last == 0 || line.charAt(last - 1) != escape);
    return continued ? last : -1;
  }

  private static int indent(String line, int from) {
    int at = from;
    while (at < line.length() && Character.isWhitespace(line.charAt(at))) {
      at++;
    }
    return at;
  }
}
