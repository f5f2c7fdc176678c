package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.dockerfile.parse.WordSplitter;
import java.util.List;
import java.util.Locale;

/** Keywords and names in one case. */
final class CasingChecks {
  private CasingChecks() {}

  static void run(SyntaxTree tree, Dockerfile dockerfile, Remarks remarks) {
    keywords(tree.statements(), remarks);
    for (Dockerfile.Section section : dockerfile.stages()) {
      as(section.from(), remarks);
      Word name = section.from().stageNameWord();
      if (name != null && !name.text().equals(section.from().stageName())) {
        remarks.add(
            Rule.STAGE_NAME_CASING,
            name.range(),
            "stage name '" + name.text() + "' should be in small letters");
      }
    }
  }

  /** What most are written in counts; capitals where it is even. */
  private static void keywords(List<Statement> statements, Remarks remarks) {
    int small = 0;
    int capital = 0;
    for (Statement statement : statements) {
      String keyword = statement.keyword().text();
      small += isSmall(keyword) ? 1 : 0;
      capital += isCapital(keyword) ? 1 : 0;
    }
    boolean wantSmall = small > capital;
    for (Statement statement : statements) {
      String keyword = statement.keyword().text();
      if (wantSmall ? !isSmall(keyword) : !isCapital(keyword)) {
        String wanted = wantSmall ? keyword.toLowerCase(Locale.ROOT) : statement.name();
        remarks.add(
            Rule.CONSISTENT_INSTRUCTION_CASING,
            statement.keyword().range(),
            "'" + keyword + "' should be '" + wanted + "' as in the rest of the file");
      }
    }
  }

  private static void as(Instruction.From from, Remarks remarks) {
    if (from.stageNameWord() == null) {
      return;
    }
    Statement statement = from.statement();
    Fragment as = WordSplitter.splitAtBlanks(statement.arguments()).get(1);
    String keyword = statement.keyword().text();
    boolean differs =
        (isSmall(keyword) && !isSmall(as.text())) || (isCapital(keyword) && !isCapital(as.text()));
    if (differs) {
      remarks.add(
          Rule.FROM_AS_CASING, as.range(), "'" + as + "' and '" + keyword + "' differ in case");
    }
  }

  private static boolean isSmall(String text) {
    return text.equals(text.toLowerCase(Locale.ROOT));
  }

  private static boolean isCapital(String text) {
    return text.equals(text.toUpperCase(Locale.ROOT));
  }
}
