package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Flag;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.dockerfile.parse.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The flags of a statement, checked against those its instruction knows. */
final class Flags {
  private final SourceFile file;
  private final Statement statement;

  private Flags(SourceFile file, Statement statement) {
    this.file = file;
    this.statement = statement;
  }

  /** Refuses a flag that is not known. */
  static Flags of(SourceFile file, Statement statement, String... known) {
    List<String> names = List.of(known);
    for (Flag flag : statement.flags()) {
      if (!names.contains(flag.name())) {
        var options = new ArrayList<String>();
        names.forEach(name -> options.add("--" + name));
        String typed = "--" + flag.name();
        throw file.error(
            flag.nameRange(),
            "unknown flag '"
                + typed
                + "' for "
                + statement.name()
                + (names.isEmpty() ? ", which takes none" : Suggestion.of(typed, options)));
      }
    }
    return new Flags(file, statement);
  }

  /** The value of a flag that may be given once, or null. */
  @Nullable Word value(String name) {
    Flag flag = once(name);
    return flag == null ? null : new Word(text(flag), flag.rawValue());
  }

  /** All values of a flag that may be repeated. */
  List<Word> values(String name) {
    var values = new ArrayList<Word>();
    for (Flag flag : all(name)) {
      values.add(new Word(text(flag), flag.rawValue()));
    }
    return values;
  }

  /** Whether a switch is on; without a value it is. */
  boolean on(String name) {
    return Boolean.TRUE.equals(optional(name));
  }

  /** A switch, null when it is not given. */
  @Nullable Boolean optional(String name) {
    Flag flag = once(name);
    if (flag == null) {
      return null;
    }
    if (flag.value() == null || flag.value().equals("true")) {
      return true;
    }
    if (flag.value().equals("false")) {
      return false;
    }
    throw file.error(
        flag.rawValue().range(),
        "flag '--" + name + "' must be true or false, got '" + flag.value() + "'");
  }

  List<Flag> all(String name) {
    var found = new ArrayList<Flag>();
    for (Flag flag : statement.flags()) {
      if (flag.name().equals(name)) {
        found.add(flag);
      }
    }
    return found;
  }

  String text(Flag flag) {
    String value = flag.value();
    if (value == null) {
      throw file.error(
          flag.token().range(),
          "flag '--" + flag.name() + "' needs a value: --" + flag.name() + "=...");
    }
    return value;
  }

  private @Nullable Flag once(String name) {
    List<Flag> found = all(name);
    if (found.size() > 1) {
      throw file.error(
          found.get(1).token().range(),
          "flag '--" + name + "' is given twice for " + statement.name());
    }
    return found.isEmpty() ? null : found.get(0);
  }
}
