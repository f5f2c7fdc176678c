package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Suggestion;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.lint.Remarks;
import dev.jbuild.dockerfile.lint.Rule;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.shell.Expansion;
import dev.jbuild.dockerfile.shell.Growth;
import dev.jbuild.dockerfile.shell.ShellSyntaxException;
import dev.jbuild.dockerfile.shell.Variables;
import dev.jbuild.dockerfile.shell.WordExpander;
import dev.jbuild.llb.SourceRange;
import java.util.List;

/**
 * Expands the words of one file, with errors and remarks at their places, and a bound on all that
 * comes out. Not thread safe.
 */
final class Words {
  private final SourceFile file;
  private final Remarks remarks;
  private final Budget budget;
  private final WordExpander instructions;
  private final WordExpander documents = WordExpander.forDocuments();
  private final WordExpander display;

  /** How much text variables may bring into one build in all. */
  static final class Budget {
    private static final long MAX_CHARACTERS = 8L << 20;
    private final Growth growth = new Growth();

    void check(SourceFile file, SourceRange range) {
      if (growth.characters() > MAX_CHARACTERS) {
        throw file.tooMuch(
            range, "variables expand to more than " + MAX_CHARACTERS + " characters in all");
      }
    }
  }

  Words(SourceFile file, char escape, Remarks remarks, Budget budget) {
    this.file = file;
    this.remarks = remarks;
    this.budget = budget;
    this.instructions = WordExpander.forInstructions(escape);
    this.display = WordExpander.forDisplay(escape);
  }

  SourceFile file() {
    return file;
  }

  /** For another file, such as a trigger of a base image; what it does is not remarked on. */
  Words in(SourceFile other) {
    return new Words(other, '\\', Remarks.none(other), budget);
  }

  /** Whether findings of this rule are wanted. */
  boolean wants(Rule rule) {
    return remarks.wants(rule);
  }

  void remark(Rule rule, SourceRange range, String text) {
    remarks.add(rule, range, text);
  }

  /** Counts text that is kept, so that many copies of a long value do not fill the memory. */
  void spend(SourceRange range, int characters) {
    budget.growth.add(characters);
    budget.check(file, range);
  }

  String expand(Word word, Variables variables) {
    return expandAll(word, variables).text();
  }

  /** The words that the expansion falls apart into. */
  List<String> expandToList(Word word, Variables variables) {
    return expandAll(word, variables).words();
  }

  /** The content of a heredoc. */
  String expandDocument(String text, SourceRange range, Variables variables) {
    try {
      Expansion expansion = documents.expand(text, variables, budget.growth);
      remarkUnset(expansion, range, variables);
      budget.check(file, range);
      return expansion.text();
    } catch (ShellSyntaxException e) {
      throw file.error(range, e.reason());
    }
  }

  /** Text for people: what cannot be expanded stays. */
  String show(String text, SourceRange range, Variables variables) {
    String shown = text;
    try {
      shown = display.expand(text, variables, budget.growth).text();
    } catch (ShellSyntaxException e) {
      // What this text means is not decided here: a shell may read it otherwise.
    }
    budget.check(file, range);
    return shown;
  }

  /** Without a remark about variables that are not set. */
  Expansion expandQuietly(Word word, Variables variables) {
    try {
      Expansion expansion = instructions.expand(word.text(), variables, budget.growth);
      budget.check(file, word.range());
      return expansion;
    } catch (ShellSyntaxException e) {
      throw file.error(word.rangeFrom(e.offset()), e.reason());
    }
  }

  private Expansion expandAll(Word word, Variables variables) {
    Expansion expansion = expandQuietly(word, variables);
    remarkUnset(expansion, word.range(), variables);
    return expansion;
  }

  private void remarkUnset(Expansion expansion, SourceRange range, Variables variables) {
    for (String name : expansion.unset()) {
      if (remarks.wants(Rule.UNDEFINED_VAR) && !variables.declares(name)) {
        String hint = Suggestion.of(name, variables.names());
        remarks.add(Rule.UNDEFINED_VAR, range, "'$" + name + "' is not set" + hint);
      }
    }
  }
}
