package dev.jbuild.export;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads an exporter's attributes one by one; what nobody asked for is refused at the end. Used by
 * one thread.
 */
public final class Attrs {
  private final String exporter;
  private final TreeMap<String, String> given;
  private final Set<String> known = new HashSet<>();

  public Attrs(String exporter, Map<String, String> given) {
    this.exporter = exporter;
    this.given = new TreeMap<>(given);
  }

  /** The value, or empty text. */
  public String text(String name) {
    known.add(name);
    return given.getOrDefault(name, "");
  }

  /** A flag; present but empty means true. */
  public boolean flag(String name, boolean otherwise) {
    known.add(name);
    String value = given.get(name);
    if (value == null) {
      return otherwise;
    }
    return switch (value) {
      case "", "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw invalid(name, value, "want 'true' or 'false'");
    };
  }

  /** A flag that has to be false, since what it asks for is not there yet. */
  public void notYet(String name) {
    if (flag(name, false)) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "output type=" + exporter + ": '" + name + "' is not offered yet: leave it out");
    }
  }

  /** A time in seconds since 1970; null when not given. */
  public @Nullable Instant epoch(String name) {
    String value = text(name);
    if (value.isEmpty()) {
      return null;
    }
    if (!value.matches("[0-9]{1,11}")) {
      throw invalid(name, value, "want seconds since 1970");
    }
    return Instant.ofEpochSecond(Long.parseLong(value));
  }

  /** The attributes whose names start like this. */
  public Map<String, String> startingWith(String prefix) {
    var found = new TreeMap<>(given.subMap(prefix, prefix + Character.MAX_VALUE));
    known.addAll(found.keySet());
    return found;
  }

  /** Takes an attribute that changes nothing. */
  public void ignore(String name) {
    known.add(name);
  }

  /** The failure for a value that makes no sense. */
  public BuildException invalid(String name, String value, String wanted) {
    return new BuildException(
        Code.INVALID,
        "output type=" + exporter + ": " + name + "='" + value + "' makes no sense, " + wanted);
  }

  /** Refuses what was not read. */
  public void end() {
    for (String name : given.keySet()) {
      if (!known.contains(name)) {
        String nearest = nearest(name);
        throw new BuildException(
            Code.INVALID,
            "output type="
                + exporter
                + ": unknown attribute '"
                + name
                + "'"
                + (nearest.isEmpty() ? "" : ", did you mean '" + nearest + "'?"));
      }
    }
  }

  private String nearest(String name) {
    String best = "";
    int bestDistance = Math.max(2, name.length() / 3) + 1;
    for (String candidate : new java.util.TreeSet<>(known)) {
      int distance = distance(name, candidate);
      if (distance < bestDistance) {
        best = candidate;
        bestDistance = distance;
      }
    }
    return best;
  }

  /** Levenshtein's: single-letter changes between two words. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int change = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}
