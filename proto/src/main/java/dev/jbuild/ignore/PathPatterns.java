package dev.jbuild.ignore;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * An ordered list of patterns that selects paths: a pattern selects what it matches and all that
 * lies below; {@code !} in front takes back; the last match wins. Used for {@code .dockerignore}
 * (selected means left out) and for include and exclude lists of copies. Immutable.
 *
 * <p>Paths are relative, with slashes, cleaned, without a slash in front. A walker that cares for
 * speed starts at {@link #root()} and asks {@link Place#child(String)}; {@link #matches(String)}
 * does the same for a single path. Source: moby/patternmatcher.
 */
public final class PathPatterns {
  private static final int MAX_PATTERNS = 10_000;

  private record Entry(Glob glob, boolean negated) {}

  private final List<Entry> entries;
  private final boolean hasNegations;

  private PathPatterns(List<Entry> entries) {
    this.entries = List.copyOf(entries);
    this.hasNegations = this.entries.stream().anyMatch(Entry::negated);
  }

  /**
   * @param patterns blank ones are skipped; each is trimmed and cleaned
   * @throws BuildException INVALID for a pattern that cannot be read
   */
  public static PathPatterns of(List<String> patterns) {
    if (patterns.size() > MAX_PATTERNS) {
      throw new BuildException(
          Code.INVALID, "more than " + MAX_PATTERNS + " path patterns: " + patterns.size());
    }
    var entries = new ArrayList<Entry>();
    for (String text : patterns) {
      String pattern = text.strip();
      boolean negated = pattern.startsWith("!");
      if (negated) {
        pattern = pattern.substring(1).strip();
        if (pattern.isEmpty()) {
          throw new BuildException(Code.INVALID, "pattern '!': names nothing to take back");
        }
      }
      if (!pattern.isEmpty()) {
        entries.add(new Entry(Glob.ofPath(relative(SlashPath.clean(pattern))), negated));
      }
    }
    return new PathPatterns(entries);
  }

  private static String relative(String cleaned) {
    return cleaned.length() > 1 && cleaned.startsWith("/") ? cleaned.substring(1) : cleaned;
  }

  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** Whether this path is selected, by itself or by a directory above it. */
  public boolean matches(String path) {
    return at(path).matches();
  }

  /**
   * Whether something below this directory may be taken back by a later {@code !}. A walker may
   * leave out a selected directory for which this is false.
   */
  public boolean mayReincludeBelow(String directory) {
    return at(directory).mayReincludeBelow();
  }

  /** Whether something at or below this directory may be selected, or it is selected itself. */
  public boolean mayMatchBelow(String directory) {
    return at(directory).mayMatchBelow();
  }

  /** The place that all paths start from; selected by {@code .} alone. */
  public Place root() {
    return new Place("", new BitSet());
  }

  private Place at(String path) {
    Place place = root();
    String cleaned = relative(SlashPath.clean(path));
    if (cleaned.equals(".") || cleaned.equals("/")) {
      return place;
    }
    for (String name : cleaned.split("/", -1)) {
      place = place.child(name);
    }
    return place;
  }

  /** A path on a walk, with the patterns that it or a directory above it matched. Immutable. */
  public final class Place {
    private final String path;
    private final BitSet matched;

    private Place(String path, BitSet matched) {
      this.path = path;
      this.matched = matched;
    }

    /**
     * The place of this name inside.
     *
     * @param name one segment, no slash
     */
    public Place child(String name) {
      String below = path.isEmpty() ? name : path + "/" + name;
      var seen = (BitSet) matched.clone();
      for (int i = seen.nextClearBit(0); i < entries.size(); i = seen.nextClearBit(i + 1)) {
        if (entries.get(i).glob.matches(below)) {
          seen.set(i);
        }
      }
      return new Place(below, seen);
    }

    public String path() {
      return path;
    }

    /** Whether the place is selected: the last pattern that matches it does not take it back. */
    public boolean matches() {
      int last = matched.length() - 1;
      return last >= 0 && !entries.get(last).negated;
    }

    /** As {@link PathPatterns#mayReincludeBelow(String)}. */
    public boolean mayReincludeBelow() {
      return hasNegations && mayDecideBelow(true);
    }

    /** As {@link PathPatterns#mayMatchBelow(String)}. */
    public boolean mayMatchBelow() {
      return matches() || mayDecideBelow(false);
    }

    /** Only a pattern after the last one that matches here can decide otherwise below. */
    private boolean mayDecideBelow(boolean negated) {
      for (int i = matched.length(); i < entries.size(); i++) {
        Entry entry = entries.get(i);
        if (entry.negated == negated && entry.glob.mayMatchBelow(path)) {
          return true;
        }
      }
      return false;
    }
  }
}
