package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;
import java.util.List;

/**
 * A Dockerfile, read.
 *
 * @param escape the character that continues lines and escapes: backslash or backtick
 * @param directives in order, each name at most once
 * @param emptyContinuations places where a continued line was followed by an empty one
 */
public record SyntaxTree(
    SourceFile file,
    char escape,
    List<Directive> directives,
    List<Statement> statements,
    List<SourceRange> emptyContinuations) {

  public SyntaxTree {
    directives = List.copyOf(directives);
    statements = List.copyOf(statements);
    emptyContinuations = List.copyOf(emptyContinuations);
  }

  /**
   * {@code # name=value} at the top.
   *
   * @param name in small letters
   */
  public record Directive(String name, String value, SourceRange range) {}
}
