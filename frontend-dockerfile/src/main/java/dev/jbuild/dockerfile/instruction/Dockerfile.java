package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Mistakes;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.SyntaxTree;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All instructions of a file, cut into stages.
 *
 * @param globalArgs before the first FROM
 * @param stages at least one, unless the file has mistakes
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
   * @throws dev.jbuild.error.BuildException INVALID with the places of all mistakes
   */
  public static Dockerfile read(SyntaxTree tree) {
    var mistakes = new Mistakes();
    Dockerfile dockerfile = read(tree, mistakes);
    mistakes.fail();
    return dockerfile;
  }

  /** All that can be read of the tree; without any stage when there is a mistake. */
  public static Dockerfile read(SyntaxTree tree, Mistakes mistakes) {
    var sections = new Sections(tree, mistakes);
    tree.statements().forEach(sections::add);
    return sections.done();
  }

  /** Cuts instructions into stages. Not thread safe. */
  private static final class Sections {
    private final SyntaxTree tree;
    private final Mistakes mistakes;
    private final InstructionReader reader;
    private final List<Instruction.Arg> globalArgs = new ArrayList<>();
    private final List<Section> stages = new ArrayList<>();
    private final List<Instruction> body = new ArrayList<>();
    private Instruction.@Nullable From from;
    private boolean started;

    Sections(SyntaxTree tree, Mistakes mistakes) {
      this.tree = tree;
      this.mistakes = mistakes;
      this.reader = new InstructionReader(tree.file(), tree.escape());
    }

    void add(Statement statement) {
      if (statement.name().equals("FROM")) {
        endStage();
        started = true;
      }
      mistakes.collect(() -> add(statement, reader.read(statement)));
    }

    private void add(Statement statement, Instruction instruction) {
      if (instruction instanceof Instruction.From next) {
        from = next;
      } else if (started) {
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

    private void endStage() {
      if (from != null) {
        stages.add(new Section(from, body));
      }
      from = null;
      body.clear();
    }

    Dockerfile done() {
      endStage();
      if (!started && mistakes.isEmpty()) {
        mistakes.add(
            tree.file()
                .error(
                    new SourceRange(1, 0, 1, 0),
                    globalArgs.isEmpty()
                        ? "the file has no instructions, want at least FROM"
                        : "no FROM, so there is nothing to build"));
      }
      return new Dockerfile(tree, globalArgs, stages);
    }
  }
}
