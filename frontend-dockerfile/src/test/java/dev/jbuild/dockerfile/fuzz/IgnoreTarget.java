package dev.jbuild.dockerfile.fuzz;

import static dev.jbuild.dockerfile.fuzz.Invariants.require;

import dev.jbuild.error.BuildException;
import dev.jbuild.ignore.IgnoreFile;
import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.ignore.SlashPath;
import java.util.List;

/** A path in the first line, then an ignore file: read, and matched on a walk to that path. */
public final class IgnoreTarget {
  private static final String FILENAME = ".dockerignore";

  private IgnoreTarget() {}

  /** What Jazzer calls. */
  public static void fuzzerTestOneInput(byte[] input) {
    String text = Invariants.text(input);
    int end = text.indexOf('\n');
    String path = end < 0 ? text : text.substring(0, end);
    String file = end < 0 ? "" : text.substring(end + 1);
    Invariants.within(
        budget(path, file),
        () -> {
          check(path, file);
          return true;
        });
  }

  /** Matching is path times pattern, at every directory of the path. */
  private static long budget(String path, String file) {
    long directories = path.chars().filter(c -> c == '/').count() + 1;
    long patterns = file.chars().filter(c -> c == '\n').count() + 1;
    return (4L << 20)
        + 8192L * file.length()
        + directories * path.length() * (patterns * 1024 + file.length() * 8L);
  }

  private static void check(String path, String file) {
    List<String> lines;
    try {
      lines = IgnoreFile.read(FILENAME, file);
    } catch (BuildException failure) {
      Invariants.hasPlace(failure, FILENAME, file);
      return;
    }
    PathPatterns patterns = PathPatterns.of(lines);
    String cleaned = SlashPath.clean(path);
    require(SlashPath.clean(cleaned).equals(cleaned), "'" + cleaned + "' is not clean");
    if (cleaned.startsWith("/") || cleaned.equals(".") || cleaned.startsWith("..")) {
      patterns.matches(path);
      return;
    }
    walk(patterns, cleaned);
  }

  /** A walk that leaves out what it may misses nothing: the promises of a directory hold below. */
  private static void walk(PathPatterns patterns, String path) {
    PathPatterns.Place place = patterns.root();
    boolean mayMatch = true;
    boolean mayReinclude = true;
    boolean below = false;
    for (String name : path.split("/", -1)) {
      PathPatterns.Place child = place.child(name);
      require(child.matches() == patterns.matches(child.path()), "a walk matches differently");
      require(mayMatch || !child.matches(), "'" + child.path() + "' was said not to match");
      require(!below || mayReinclude || child.matches(), "'" + child.path() + "' was taken back");
      mayMatch = child.mayMatchBelow();
      below = child.matches();
      mayReinclude = child.mayReincludeBelow();
      place = child;
    }
  }
}
