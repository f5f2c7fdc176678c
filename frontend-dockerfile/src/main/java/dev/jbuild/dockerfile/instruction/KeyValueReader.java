package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.WordSplitter;
import java.util.ArrayList;
import java.util.List;

/** Reads the names and values of ENV, LABEL and ARG. */
final class KeyValueReader {
  private final SourceFile file;
  private final char escape;

  KeyValueReader(SourceFile file, char escape) {
    this.file = file;
    this.escape = escape;
  }

  /** {@code a=b c=d}, or the old form {@code a all the rest}. */
  List<Instruction.KeyValue> pairs(Statement statement) {
    Flags.of(file, statement);
    List<Fragment> words = words(statement);
    if (words.get(0).text().indexOf('=') < 0) {
      return List.of(spaced(statement));
    }
    var pairs = new ArrayList<Instruction.KeyValue>();
    for (Fragment word : words) {
      int equals = word.text().indexOf('=');
      if (equals < 0) {
        throw file.error(
            word.range(),
            "want name=value, got '" + word + "'; put quotes around a value with blanks");
      }
      requireName(statement, word, equals);
      pairs.add(
          new Instruction.KeyValue(
              Word.of(word.slice(0, equals)),
              Word.of(word.slice(equals + 1, word.length())),
              false));
    }
    return pairs;
  }

  private Instruction.KeyValue spaced(Statement statement) {
    Fragment arguments = statement.arguments();
    Fragment key = WordSplitter.splitAtBlanks(arguments).get(0);
    Fragment value = arguments.slice(key.length(), arguments.length()).strip();
    if (value.isEmpty()) {
      throw file.error(
          key.range(), statement.name() + " needs a value for '" + key + "': " + key + "=value");
    }
    return new Instruction.KeyValue(Word.of(key), Word.of(value), true);
  }

  Instruction.Arg arg(Statement statement) {
    Flags.of(file, statement);
    var declarations = new ArrayList<Instruction.Arg.Declaration>();
    for (Fragment word : words(statement)) {
      int equals = word.text().indexOf('=');
      if (equals < 0) {
        declarations.add(new Instruction.Arg.Declaration(Word.of(word), null));
      } else {
        requireName(statement, word, equals);
        declarations.add(
            new Instruction.Arg.Declaration(
                Word.of(word.slice(0, equals)), Word.of(word.slice(equals + 1, word.length()))));
      }
    }
    return new Instruction.Arg(statement, declarations);
  }

  private List<Fragment> words(Statement statement) {
    List<Fragment> words = WordSplitter.split(statement.arguments(), escape);
    if (words.isEmpty()) {
      throw file.error(statement.range(), statement.name() + " needs an argument, got none");
    }
    return words;
  }

  private void requireName(Statement statement, Fragment word, int equals) {
    if (equals == 0) {
      throw file.error(
          word.range(), statement.name() + " needs a name before '=', got '" + word + "'");
    }
  }
}
