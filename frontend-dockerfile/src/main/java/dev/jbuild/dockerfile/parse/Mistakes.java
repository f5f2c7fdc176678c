package dev.jbuild.dockerfile.parse;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with a file, so that users read of all of it at once. Not thread safe. */
public final class Mistakes {
  private static final int MAX_SHOWN = 20;
  private static final int MAX_COUNTED = 1000;
  private static final Comparator<BuildException> ORDER =
      Comparator.comparingInt(Mistakes::startLine);

  private final List<BuildException> found = new ArrayList<>();
  private int more;

  /**
   * Notes a mistake of the user and goes on.
   *
   * @throws BuildException the same failure when it is of another kind; or all when they are very
   *     many
   */
  public void add(BuildException mistake) {
    if (mistake.code() != Code.INVALID && mistake.code() != Code.UNIMPLEMENTED) {
      throw mistake;
    }
    boolean known = found.stream().anyMatch(other -> other.message().equals(mistake.message()));
    if (!known && found.size() < MAX_SHOWN) {
      found.add(mistake);
    } else if (!known) {
      more++;
    }
    if (more == MAX_COUNTED) {
      fail();
    }
  }

  /** Runs the step; a mistake in it is noted. */
  public void collect(Runnable step) {
    try {
      step.run();
    } catch (BuildException mistake) {
      add(mistake);
    }
  }

  public boolean isEmpty() {
    return found.isEmpty();
  }

  /**
   * Does nothing when there are no mistakes.
   *
   * @throws BuildException the first mistake of the file, whose message has one line more for each
   *     further one, and whose details have the places of all, in the same order
   */
  public void fail() {
    if (found.isEmpty()) {
      return;
    }
    List<BuildException> sorted = new ArrayList<>(found);
    sorted.sort(ORDER);
    BuildException first = sorted.getFirst();
    if (sorted.size() == 1) {
      throw first;
    }
    var lines = new ArrayList<String>();
    var places = new ArrayList<Detail>();
    for (BuildException mistake : sorted) {
      lines.add(mistake.message());
      places.addAll(mistake.details());
    }
    if (more > 0) {
      lines.add("and " + more + " more");
    }
    throw new BuildException(first.code(), String.join("\n", lines), first, places);
  }

  private static int startLine(BuildException mistake) {
    for (Detail detail : mistake.details()) {
      if (detail instanceof Detail.Source source && !source.ranges().isEmpty()) {
        return source.ranges().getFirst().startLine();
      }
    }
    return 0;
  }
}
