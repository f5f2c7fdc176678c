package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.dockerfile.instruction.Word;
import java.util.List;
import java.util.regex.Pattern;

/** Rules about one instruction by itself, also as a trigger. */
final class InstructionChecks {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(?:^|_)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)");
  private static final Pattern PUBLIC = Pattern.compile("(?i)(?:^|_)public(?:_|$)");

  private InstructionChecks() {}

  static void run(Instruction instruction, Remarks remarks) {
    if (instruction instanceof Instruction.Env env) {
      spaced(env, env.pairs(), remarks);
      env.pairs().forEach(pair -> secret(env, pair.key(), remarks));
    } else if (instruction instanceof Instruction.Label label) {
      spaced(label, label.pairs(), remarks);
    } else if (instruction instanceof Instruction.Arg arg) {
      arg.declarations().forEach(declaration -> secret(arg, declaration.name(), remarks));
    } else if (instruction instanceof Instruction.Maintainer) {
      remarks.add(
          Rule.MAINTAINER_DEPRECATED,
          instruction.range(),
          "MAINTAINER is deprecated, use LABEL org.opencontainers.image.authors=...");
    } else if (instruction instanceof Instruction.Onbuild onbuild) {
      run(onbuild.trigger(), remarks);
    }
  }

  private static void spaced(
      Instruction instruction, List<Instruction.KeyValue> pairs, Remarks remarks) {
    for (Instruction.KeyValue pair : pairs) {
      if (pair.spaced()) {
        remarks.add(
            Rule.LEGACY_KEY_VALUE_FORMAT,
            pair.key().range(),
            instruction.name()
                + " '"
                + pair.key().text()
                + "' is given without an equals sign, write "
                + pair.key().text()
                + "=...");
      }
    }
  }

  private static void secret(Instruction instruction, Word name, Remarks remarks) {
    if (SECRET.matcher(name.text()).find() && !PUBLIC.matcher(name.text()).find()) {
      remarks.add(
          Rule.SECRETS_USED_IN_ARG_OR_ENV,
          name.range(),
          instruction.name()
              + " '"
              + name.text()
              + "' looks like a secret and would stay in the image, use RUN --mount=type=secret");
    }
  }
}
