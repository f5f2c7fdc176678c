package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.CommaList;
import dev.jbuild.dockerfile.parse.Flag;
import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One {@code --mount} of RUN, not yet expanded.
 *
 * @param range of the whole flag
 */
public record MountFlag(List<Field> fields, SourceRange range) {

  public MountFlag {
    fields = List.copyOf(fields);
  }

  /**
   * {@code key} or {@code key=value}.
   *
   * @param key in small letters
   */
  public record Field(String key, @Nullable Word value, SourceRange range) {}

  static MountFlag read(SourceFile file, Flag flag, String text) {
    var fields = new ArrayList<Field>();
    Fragment raw = flag.rawValue();
    for (CommaList.Field part : fields(file, flag, text)) {
      int equals = part.text().indexOf('=');
      boolean exact =
          raw.length() == text.length() && part.end() - part.start() == part.text().length();
      Fragment origin = exact ? raw.slice(part.start(), part.end()) : raw;
      String key = equals < 0 ? part.text() : part.text().substring(0, equals);
      Word value = null;
      if (equals >= 0) {
        Fragment at = exact ? origin.slice(equals + 1, origin.length()) : raw;
        value = new Word(part.text().substring(equals + 1), at);
      }
      var field = new Field(key.strip().toLowerCase(Locale.ROOT), value, origin.range());
      if (field.key.equals("from") && value != null && isVariable(value.text())) {
        throw file.error(
            field.range,
            "variables are not expanded in 'from', name a stage with FROM $image AS name instead");
      }
      fields.add(field);
    }
    return new MountFlag(fields, flag.token().range());
  }

  private static boolean isVariable(String text) {
    int dollar = text.indexOf('$');
    return dollar >= 0 && dollar < text.length() - 1;
  }

  static List<CommaList.Field> fields(SourceFile file, Flag flag, String text) {
    try {
      return CommaList.split(text);
    } catch (IllegalArgumentException e) {
      throw file.error(flag.rawValue().range(), "flag '--" + flag.name() + "': " + e.getMessage());
    }
  }

  boolean hasVariables() {
    for (Field field : fields) {
      if (field.value != null && field.value.text().indexOf('$') >= 0) {
        return true;
      }
    }
    return false;
  }

  /** The stage, image or named context that the mount's content comes from, or null. */
  public @Nullable Word from() {
    Word from = null;
    for (Field field : fields) {
      if (field.key.equals("from")) {
        from = field.value;
      }
    }
    return from;
  }

  /** The same with all values expanded. */
  public Mount expand(SourceFile file, UnaryOperator<Word> expander) {
    var expanded = new ArrayList<Field>();
    for (Field field : fields) {
      Word value = field.value == null ? null : expander.apply(field.value);
      expanded.add(new Field(field.key, value, field.range));
    }
    return new MountReader(file, new MountFlag(expanded, range)).read();
  }
}
