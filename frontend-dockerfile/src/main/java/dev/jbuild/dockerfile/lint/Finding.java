package dev.jbuild.dockerfile.lint;

import dev.jbuild.llb.SourceRange;

/**
 * Something that a rule remarks on.
 *
 * @param text what was found, without the rule's name
 */
public record Finding(Rule rule, SourceRange range, String text) {

  /** {@code RuleName: text (line 3)}. */
  public String shown() {
    return rule.id() + ": " + text + " (line " + range.startLine() + ")";
  }
}
