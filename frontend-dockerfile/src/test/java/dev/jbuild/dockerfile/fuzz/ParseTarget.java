package dev.jbuild.dockerfile.fuzz;

import static dev.jbuild.dockerfile.fuzz.Invariants.require;

import dev.jbuild.dockerfile.parse.DockerfileParser;
import dev.jbuild.dockerfile.parse.Flag;
import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.dockerfile.parse.WordSplitter;
import dev.jbuild.error.BuildException;
import dev.jbuild.llb.SourceRange;
import java.util.List;

/** Any text: to statements, twice the same, every part where it says. */
public final class ParseTarget {
  private static final String FILENAME = "Dockerfile";

  private ParseTarget() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = Invariants.text(input);
    var file = new SourceFile(FILENAME, text);
    var mistakes = new Mistakes();
    try {
      SyntaxTree tree =
          Invariants.within(budget(text), () -> DockerfileParser.parse(file, mistakes));
      SyntaxTree again = DockerfileParser.parse(file, new Mistakes());
      require(tree.toString().equals(again.toString()), "parsed differently");
      check(tree, text);
      mistakes.fail();
    } catch (BuildException failure) {
      Invariants.hasPlace(failure, FILENAME, text);
    }
  }

  /** A few objects a character, whatever stands there. */
  private static long budget(String text) {
    return (2 << 20) + 4096L * text.length();
  }

  private static void check(SyntaxTree tree, String text) {
    List<String> lines = Invariants.lines(text);
    for (Statement statement : tree.statements()) {
      check(statement, tree.escape(), lines);
      for (Heredoc heredoc : statement.heredocs()) {
        require(text.contains(heredoc.content()), "a heredoc that is not in the text");
      }
    }
    tree.directives().forEach(directive -> Invariants.lies(directive.range(), lines));
    tree.emptyContinuations().forEach(range -> Invariants.lies(range, lines));
  }

  private static void check(Statement statement, char escape, List<String> lines) {
    Invariants.lies(statement.range(), lines);
    require(!statement.keyword().isEmpty(), "a statement without a keyword");
    check(statement.line(), lines);
    check(statement.keyword(), lines);
    check(statement.arguments(), lines);
    for (Flag flag : statement.flags()) {
      check(flag.token(), lines);
      check(flag.rawValue(), lines);
      Invariants.lies(flag.nameRange(), lines);
    }
    for (Fragment word : WordSplitter.split(statement.arguments(), escape)) {
      require(!word.isEmpty(), "an empty word");
      check(word, lines);
    }
    for (Heredoc heredoc : statement.heredocs()) {
      Invariants.lies(heredoc.operator(), lines);
      Invariants.lies(heredoc.body(), lines);
    }
  }

  /** The place of a fragment on one line shows the fragment's own text. */
  private static void check(Fragment fragment, List<String> lines) {
    SourceRange range = fragment.range();
    Invariants.lies(range, lines);
    if (range.startLine() == range.endLine()) {
      String line = lines.get(range.startLine() - 1);
      String there = line.substring(range.startCharacter(), range.endCharacter());
      require(there.equals(fragment.text()), "'" + fragment + "' is said to be '" + there + "'");
    }
  }
}
