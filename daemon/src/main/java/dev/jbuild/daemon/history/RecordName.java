package dev.jbuild.daemon.history;

import dev.jbuild.oci.Bytes;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a record's file. What may change of a record is in it, so that a change is a rename;
 * and what the limits need, so that no file is opened for them.
 *
 * @param completedMillis when the build ended
 * @param key stands for the ref, which may be any text
 */
record RecordName(long completedMillis, int generation, boolean pinned, String key) {
  private static final int KEY_LENGTH = 32;
  private static final Pattern FORM =
      Pattern.compile("(\\d{13,15})-(\\d{1,9})-([pu])-([0-9a-f]{" + KEY_LENGTH + "})\\.build");

  /** The key of a ref. */
  static String key(String ref) {
    return Bytes.utf8(ref).digest().hex().substring(0, KEY_LENGTH);
  }

  static RecordName of(BuildRecord record) {
    if (record.completed() == null) {
      throw new IllegalStateException("the build " + record.ref() + " has not ended");
    }
    return new RecordName(
        record.completed().toEpochMilli(), record.generation(), record.pinned(), key(record.ref()));
  }

  /** Empty for names of other files. */
  static Optional<RecordName> parse(Path file) {
    Matcher matcher = FORM.matcher(String.valueOf(file.getFileName()));
    return matcher.matches()
        ? Optional.of(
            new RecordName(
                Long.parseLong(matcher.group(1)),
                Integer.parseInt(matcher.group(2)),
                matcher.group(3).equals("p"),
                matcher.group(4)))
        : Optional.empty();
  }

  /** The name after a change. */
  RecordName pinned(boolean value) {
    return new RecordName(completedMillis, generation + 1, value, key);
  }

  @Override
  public String toString() {
    String millis = Long.toString(completedMillis);
    return "0".repeat(Math.max(0, 13 - millis.length()))
        + millis
        + "-"
        + generation
        + (pinned ? "-p-" : "-u-")
        + key
        + ".build";
  }
}
