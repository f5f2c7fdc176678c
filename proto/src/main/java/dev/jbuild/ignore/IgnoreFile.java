package dev.jbuild.ignore;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code .dockerignore}. Source: Docker's reference, ".dockerignore file". */
public final class IgnoreFile {
  private IgnoreFile() {}

  /**
   * The patterns in order, cleaned, with {@code !} in front where they take back: no comments (a
   * line whose first character is {@code #}), no blank lines, no slash in front.
   *
   * @param filename for error texts
   * @throws BuildException INVALID with file, line and pattern for one that cannot be read
   */
  public static List<String> read(String filename, String text) {
    var patterns = new ArrayList<String>();
    String content = text.startsWith("\uFEFF") ? text.substring(1) : text;
    int number = 0;
    for (String written : content.split("\n", -1)) {
      number++;
      if (written.startsWith("#") || written.isBlank()) {
        continue;
      }
      String pattern = cleaned(written.strip());
      try {
        PathPatterns.of(List.of(pattern));
      } catch (BuildException e) {
        var line = new Detail.Lines(number, 0, number, 0);
        var source = new Detail.Source(filename, text, "", List.of(line));
        throw new BuildException(
            Code.INVALID, filename + ":" + number + ": " + e.message(), e, List.of(source));
      }
      patterns.add(pattern);
    }
    return List.copyOf(patterns);
  }

  private static String cleaned(String line) {
    boolean negated = line.startsWith("!");
    String pattern = negated ? line.substring(1).strip() : line;
    if (pattern.isEmpty()) {
      return line;
    }
    pattern = SlashPath.clean(pattern);
    if (pattern.length() > 1 && pattern.startsWith("/")) {
      pattern = pattern.substring(1);
    }
    return negated ? "!" + pattern : pattern;
  }
}
