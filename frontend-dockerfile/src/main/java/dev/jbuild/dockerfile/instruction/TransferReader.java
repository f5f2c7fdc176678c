package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.Heredoc;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import dev.jbuild.dockerfile.parse.WordSplitter;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads COPY and ADD. */
final class TransferReader {
  private final SourceFile file;
  private final Statement statement;

  TransferReader(SourceFile file, Statement statement) {
    this.file = file;
    this.statement = statement;
  }

  Instruction copy() {
    Flags flags = Flags.of(file, statement, "from", "chown", "chmod", "link", "parents", "exclude");
    return new Instruction.Copy(
        statement, transfer(flags), flags.value("from"), flags.on("parents"));
  }

  Instruction add() {
    Flags flags =
        Flags.of(
            file,
            statement,
            "chown",
            "chmod",
            "link",
            "exclude",
            "checksum",
            "keep-git-dir",
            "unpack");
    return new Instruction.Add(
        statement,
        transfer(flags),
        flags.value("checksum"),
        flags.optional("keep-git-dir"),
        flags.optional("unpack"));
  }

  private Instruction.Transfer transfer(Flags flags) {
    List<Word> words = words();
    if (words.size() < 2) {
      throw file.error(
          statement.range(),
          statement.name()
              + " needs a source and a destination, got "
              + InstructionReader.count(words.size()));
    }
    Word destination = words.getLast();
    if (heredoc(destination) != null) {
      throw file.error(
          destination.range(),
          statement.name() + " needs a destination, not a heredoc, at its end");
    }
    var sources = new ArrayList<Instruction.Source>();
    for (Word word : words.subList(0, words.size() - 1)) {
      Heredoc heredoc = heredoc(word);
      sources.add(
          heredoc == null
              ? new Instruction.PathSource(word)
              : new Instruction.InlineSource(heredoc));
    }
    return new Instruction.Transfer(
        sources,
        destination,
        flags.value("chown"),
        flags.value("chmod"),
        flags.on("link"),
        flags.values("exclude"));
  }

  private List<Word> words() {
    var words = new ArrayList<Word>();
    List<String> json = JsonForm.read(file, statement.arguments());
    if (json != null) {
      for (String text : json) {
        words.add(new Word(text, statement.arguments()));
      }
      return words;
    }
    for (Fragment fragment : WordSplitter.splitAtBlanks(statement.arguments())) {
      words.add(Word.of(fragment));
    }
    return words;
  }

  private @Nullable Heredoc heredoc(Word word) {
    for (Heredoc heredoc : statement.heredocs()) {
      if (heredoc.operator().equals(word.range())) {
        return heredoc;
      }
    }
    return null;
  }
}
