package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.StatementReader;
import dev.jbuild.dockerfile.parse.WordSplitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Turns statements into instructions. Immutable, for any thread. */
public final class InstructionReader {
  private static final Set<String> NAMES =
      Set.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");
  private static final Set<String> NO_TRIGGERS = Set.of("ONBUILD", "FROM", "MAINTAINER");
  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9_.-]*");

  private final SourceFile file;
  private final char escape;

  /**
   * @param escape as the file's directive says
   */
  public InstructionReader(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
  }

  /**
   * @throws dev.jbuild.error.BuildException INVALID with the place of the first mistake
   */
  public Instruction read(Statement statement) {
    return switch (statement.name()) {
      case "ADD" -> new TransferReader(file, statement).add();
      case "ARG" -> new KeyValueReader(file, escape).arg(statement);
      case "CMD" -> new Instruction.Cmd(statement, command(statement));
      case "COPY" -> new TransferReader(file, statement).copy();
      case "ENTRYPOINT" -> new Instruction.Entrypoint(statement, command(statement));
      case "ENV" ->
          new Instruction.Env(statement, new KeyValueReader(file, escape).pairs(statement));
      case "EXPOSE" -> new Instruction.Expose(statement, blankWords(statement));
      case "FROM" -> from(statement);
      case "HEALTHCHECK" -> new HealthcheckReader(file, statement).read();
      case "LABEL" ->
          new Instruction.Label(statement, new KeyValueReader(file, escape).pairs(statement));
      case "MAINTAINER" -> new Instruction.Maintainer(statement, whole(statement).text());
      case "ONBUILD" -> onbuild(statement);
      case "RUN" -> new RunReader(file, statement).read();
      case "SHELL" -> shell(statement);
      case "STOPSIGNAL" -> new Instruction.StopSignal(statement, whole(statement));
      case "USER" -> new Instruction.User(statement, whole(statement));
      case "VOLUME" -> volume(statement);
      case "WORKDIR" -> new Instruction.Workdir(statement, whole(statement));
      default ->
          throw file.error(
              statement.keyword().range(),
              "unknown instruction '"
                  + statement.keyword()
                  + "'"
                  + Suggestion.of(statement.name(), NAMES));
    };
  }

  private Instruction from(Statement statement) {
    Flags flags = Flags.of(file, statement, "platform");
    List<Fragment> words = WordSplitter.splitAtBlanks(statement.arguments());
    if (words.size() != 1 && words.size() != 3) {
      throw file.error(
          statement.range(), "FROM needs 'image' or 'image AS name', got " + count(words.size()));
    }
    Word stage = null;
    String name = null;
    if (words.size() == 3) {
      if (!words.get(1).text().equalsIgnoreCase("as")) {
        throw file.error(
            words.get(1).range(),
            "want AS between image and stage name, got '" + words.get(1) + "'");
      }
      stage = Word.of(words.get(2));
      name = stageName(stage);
    }
    return new Instruction.From(
        statement, Word.of(words.get(0)), name, stage, flags.value("platform"));
  }

  private String stageName(Word word) {
    String name = word.text().toLowerCase(Locale.ROOT);
    if (!STAGE_NAME.matcher(name).matches()) {
      throw file.error(
          word.range(),
          "invalid stage name '"
              + word.text()
              + "', want a letter, then letters, digits, '-', '_' and '.'");
    }
    return name;
  }

  private CommandLine command(Statement statement) {
    Flags.of(file, statement);
    require(statement);
    return JsonForm.command(file, statement.arguments());
  }

  private Instruction shell(Statement statement) {
    Flags.of(file, statement);
    require(statement);
    List<String> args = JsonForm.read(file, statement.arguments());
    if (args == null) {
      throw file.error(
          statement.arguments().range(),
          "SHELL needs the JSON form: SHELL [\"executable\", \"parameters\"]");
    }
    if (args.isEmpty()) {
      throw file.error(statement.arguments().range(), "SHELL needs at least one argument");
    }
    return new Instruction.Shell(statement, args);
  }

  private Instruction volume(Statement statement) {
    List<Word> paths = new ArrayList<>();
    List<String> json = JsonForm.read(file, statement.arguments());
    if (json == null) {
      paths = blankWords(statement);
    } else {
      Flags.of(file, statement);
      for (String path : json) {
        if (path.isBlank()) {
          throw file.error(statement.arguments().range(), "VOLUME needs a path, got an empty one");
        }
        paths.add(new Word(path.strip(), statement.arguments()));
      }
    }
    if (paths.isEmpty()) {
      throw file.error(statement.range(), "VOLUME needs at least one argument");
    }
    return new Instruction.Volume(statement, paths);
  }

  private Instruction onbuild(Statement statement) {
    Flags.of(file, statement);
    require(statement);
    Statement inner = new StatementReader(file, escape).readNested(statement);
    if (NO_TRIGGERS.contains(inner.name())) {
      throw file.error(
          inner.keyword().range(), inner.name() + " is not allowed as an ONBUILD trigger");
    }
    var expression = new StringBuilder(inner.text());
    for (Heredoc heredoc : statement.heredocs()) {
      expression.append('\n').append(heredoc.content()).append(heredoc.name());
    }
    return new Instruction.Onbuild(statement, read(inner), expression.toString());
  }

  /** All arguments as one word. */
  private Word whole(Statement statement) {
    Flags.of(file, statement);
    require(statement);
    return Word.of(statement.arguments());
  }

  private List<Word> blankWords(Statement statement) {
    Flags.of(file, statement);
    require(statement);
    var words = new ArrayList<Word>();
    for (Fragment fragment : WordSplitter.splitAtBlanks(statement.arguments())) {
      words.add(Word.of(fragment));
    }
    return words;
  }

  private void require(Statement statement) {
    if (statement.arguments().isEmpty()) {
      throw file.error(statement.range(), statement.name() + " needs an argument, got none");
    }
  }

  static String count(int arguments) {
    return switch (arguments) {
      case 0 -> "no argument";
      case 1 -> "one argument";
      default -> arguments + " arguments";
    };
  }
}
