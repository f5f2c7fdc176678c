package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;

/**
 * All instructions of a file, cut into stages.
 *
 * @param globalArgs before the first FROM
 * @param stages at least one
 */
public record Dockerfile(SyntaxTree tree, List<Instruction.Arg> globalArgs, List<Section> stages) {

  public Dockerfile {
    globalArgs = List.copyOf(globalArgs);
    stages = List.copyOf(stages);
  }

  /** One stage: FROM and what follows. */
  public record Section(Instruction.From from, List<Instruction> body) {
    public Section {
      body = List.copyOf(body);
    }
  }

  /**
   * @throws dev.jbuild.error.BuildException INVALID with the place of the first mistake
   */
  public static Dockerfile read(SyntaxTree tree) {
    var reader = new InstructionReader(tree.file(), tree.escape());
    var globalArgs = new ArrayList<Instruction.Arg>();
    var stages = new ArrayList<Section>();
    Instruction.From from = null;
    var body = new ArrayList<Instruction>();
    for (Statement statement : tree.statements()) {
      Instruction instruction = reader.read(statement);
      if (instruction instanceof Instruction.From next) {
        if (from != null) {
          stages.add(new Section(from, body));
        }
        from = next;
        body = new ArrayList<>();
      } else if (from != null) {
        body.add(instruction);
      } else if (instruction instanceof Instruction.Arg arg) {
        globalArgs.add(arg);
      } else {
        throw tree.file()
            .error(
                statement.keyword().range(),
                instruction.name() + " comes before the first FROM, only ARG may");
      }
    }
    if (from == null) {
      throw tree.file()
          .error(
              new SourceRange(1, 0, 1, 0),
              globalArgs.isEmpty()
                  ? "the file has no instructions, want at least FROM"
                  : "no FROM, so there is nothing to build");
    }
    stages.add(new Section(from, body));
    return new Dockerfile(tree, globalArgs, stages);
  }
}
