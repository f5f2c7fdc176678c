package dev.jbuild.dockerfile.parse;

import dev.jbuild.dockerfile.GoldenCases;
import dev.jbuild.llb.SourceRange;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Syntax trees with the range of every part. */
class ParseGoldenTest {

  static List<Path> cases() throws IOException {
    return GoldenCases.of("parse");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givesTheExpectedTree(Path folder) throws IOException {
    var file = new SourceFile("Dockerfile", GoldenCases.read(folder, "Dockerfile"));
    GoldenCases.check(folder, "expected.tree", tree(DockerfileParser.parse(file)));
  }

  private static String tree(SyntaxTree tree) {
    var out = new StringBuilder();
    for (SyntaxTree.Directive directive : tree.directives()) {
      line(out, "directive " + directive.name() + "=" + directive.value(), directive.range());
    }
    for (Statement statement : tree.statements()) {
      line(out, statement.name(), statement.range());
      line(out, "  keyword " + quoted(statement.keyword().text()), statement.keyword().range());
      for (Flag flag : statement.flags()) {
        String value = flag.value() == null ? "" : " " + quoted(flag.value());
        line(out, "  flag " + flag.name() + value, flag.token().range());
      }
      if (!statement.arguments().isEmpty()) {
        line(
            out,
            "  arguments " + quoted(statement.arguments().text()),
            statement.arguments().range());
      }
      for (Fragment word : WordSplitter.split(statement.arguments(), tree.escape())) {
        line(out, "    word " + quoted(word.text()), word.range());
      }
      for (Heredoc heredoc : statement.heredocs()) {
        line(out, "  heredoc " + heredoc.name() + " at", heredoc.operator());
        String kind = (heredoc.expand() ? "expand " : "") + (heredoc.stripTabs() ? "strip " : "");
        line(out, "    " + kind + quoted(heredoc.text()), heredoc.body());
      }
      for (String comment : statement.comments()) {
        out.append("  comment ").append(quoted(comment)).append('\n');
      }
    }
    for (SourceRange range : tree.emptyContinuations()) {
      line(out, "empty continuation", range);
    }
    return out.toString();
  }

  private static void line(StringBuilder out, String text, SourceRange range) {
    out.append(text)
        .append("  @")
        .append(range.startLine())
        .append(':')
        .append(range.startCharacter())
        .append('-')
        .append(range.endLine())
        .append(':')
        .append(range.endCharacter())
        .append('\n');
  }

  private static String quoted(String text) {
    return '"'
        + text.replace("\\", "\\\\")
            .replace("\"", "\\\"")
            .replace("\n", "\\n")
            .replace("\r", "\\r")
            .replace("\t", "\\t")
        + '"';
  }
}
