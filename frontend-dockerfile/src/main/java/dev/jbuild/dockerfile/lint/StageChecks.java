package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.Description;
import dev.jbuild.dockerfile.instruction.Dockerfile;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of stages, what describes them, and what a stage should have only once. */
final class StageChecks {
  private static final Set<String> RESERVED = Set.of("scratch", "context");

  private StageChecks() {}

  static void run(Dockerfile.Section section, Remarks remarks) {
    Instruction.From from = section.from();
    Word word = from.stageNameWord();
    String name = from.stageName();
    if (word != null && name != null) {
      if (RESERVED.contains(name)) {
        remarks.add(
            Rule.RESERVED_STAGE_NAME,
            word.range(),
            "stage name '" + word.text() + "' is reserved, take another one");
      }
      describe(from, List.of(word.text()), remarks);
    }
    once(section, Instruction.Cmd.class, remarks);
    once(section, Instruction.Entrypoint.class, remarks);
    once(section, Instruction.Healthcheck.class, remarks);
    for (Instruction instruction : section.body()) {
      if (instruction instanceof Instruction.Arg arg) {
        describe(arg, remarks);
      }
    }
  }

  static void duplicates(List<Dockerfile.Section> stages, Remarks remarks) {
    Map<String, Instruction.From> byName = new HashMap<>();
    for (Dockerfile.Section section : stages) {
      Instruction.From from = section.from();
      Word word = from.stageNameWord();
      String name = from.stageName();
      Instruction.From before = name == null ? null : byName.put(name, from);
      if (before != null && word != null) {
        remarks.add(
            Rule.DUPLICATE_STAGE_NAME,
            word.range(),
            "stage name '" + name + "' is used already on line " + before.range().startLine());
      }
    }
  }

  private static void once(
      Dockerfile.Section section, Class<? extends Instruction> kind, Remarks remarks) {
    Instruction before = null;
    for (Instruction instruction : section.body()) {
      if (!kind.isInstance(instruction)) {
        continue;
      }
      if (before != null) {
        remarks.add(
            Rule.MULTIPLE_INSTRUCTIONS_DISALLOWED,
            before.range(),
            "this "
                + before.name()
                + " has no effect, the one on line "
                + instruction.range().startLine()
                + " of the same stage counts");
      }
      before = instruction;
    }
  }

  static void describe(Instruction.Arg arg, Remarks remarks) {
    var names = new ArrayList<String>();
    arg.declarations().forEach(declaration -> names.add(declaration.name().text()));
    describe(arg, names, remarks);
  }

  private static void describe(Instruction instruction, List<String> names, Remarks remarks) {
    List<String> comments = instruction.statement().comments();
    for (String name : names) {
      if (comments.isEmpty() || !Description.of(instruction, name).isEmpty()) {
        return;
      }
    }
    remarks.add(
        Rule.INVALID_DEFINITION_DESCRIPTION,
        instruction.range(),
        "the comment above should be '# "
            + names.getFirst()
            + " <description>', or stand apart by an empty line");
  }
}
