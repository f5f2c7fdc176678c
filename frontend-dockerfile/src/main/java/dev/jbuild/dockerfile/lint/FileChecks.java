package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.llb.SourceRange;

/** The rules that need nothing but the file: all of it, also stages that are not built. */
public final class FileChecks {
  private FileChecks() {}

  /**
   * @param dockerfile all that could be read of the tree
   */
  public static void run(
      SyntaxTree tree, Dockerfile dockerfile, StepNetwork network, Remarks remarks) {
    for (SourceRange range : tree.emptyContinuations()) {
      remarks.add(Rule.NO_EMPTY_CONTINUATION, range, "an instruction goes on after an empty line");
    }
    CasingChecks.run(tree, dockerfile, remarks);
    for (Instruction.Arg arg : dockerfile.globalArgs()) {
      StageChecks.describe(arg, remarks);
    }
    StageChecks.duplicates(dockerfile.stages(), remarks);
    for (Dockerfile.Section section : dockerfile.stages()) {
      StageChecks.run(section, remarks);
      for (Instruction instruction : section.body()) {
        InstructionChecks.run(instruction, remarks);
        new NetworkChecks(network, remarks).run(instruction);
      }
    }
  }
}
