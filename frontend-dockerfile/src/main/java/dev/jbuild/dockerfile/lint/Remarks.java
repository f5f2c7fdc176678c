package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.llb.SourceRange;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Collects what rules find, each finding once, and not without end. Not thread safe. */
public final class Remarks {
  private static final int MAX_REMARKS = 200;
  private static final Comparator<Finding> ORDER =
      Comparator.<Finding>comparingInt(finding -> finding.range().startLine())
          .thenComparingInt(finding -> finding.range().startCharacter())
          .thenComparing(finding -> finding.rule().id())
          .thenComparing(Finding::text);

  private final SourceFile file;
  private final CheckPolicy policy;
  private final Set<Finding> found = new LinkedHashSet<>();

  public Remarks(SourceFile file, CheckPolicy policy) {
    this.file = file;
    this.policy = policy;
  }

  /** For files that are not the user's. */
  public static Remarks none(SourceFile file) {
    return new Remarks(file, CheckPolicy.NOTHING);
  }

  /** Whether findings of this rule are wanted: some are costly to make. */
  public boolean wants(Rule rule) {
    return policy.covers(rule) && found.size() < MAX_REMARKS;
  }

  /**
   * @param text what was found, without the rule's name
   */
  public void add(Rule rule, SourceRange range, String text) {
    if (wants(rule)) {
      found.add(new Finding(rule, range, text));
    }
  }

  /** All findings, in the order of the file. */
  public List<Finding> all() {
    var sorted = new ArrayList<>(found);
    sorted.sort(ORDER);
    return sorted;
  }

  /**
   * Does nothing unless the file or the client says that findings are errors.
   *
   * @throws BuildException INVALID with the place of every finding, if there is one
   */
  public void failIfErrors() {
    if (!policy.error() || found.isEmpty()) {
      return;
    }
    var rules = new TreeSet<String>();
    var places = new ArrayList<Detail>();
    var text = new StringBuilder();
    for (Finding finding : all()) {
      rules.add(finding.rule().id());
      places.add(file.place(finding.range()));
      text.append('\n')
          .append(file.filename())
          .append(':')
          .append(finding.range().startLine())
          .append(": ")
          .append(finding.rule().id())
          .append(": ")
          .append(finding.text());
    }
    throw new BuildException(
        Code.INVALID,
        file.filename()
            + ": 'check=error=true' makes errors of what these rules found: "
            + String.join(", ", rules)
            + text,
        null,
        places);
  }
}
