package dev.jbuild.cli.history;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.List;

/**
 * Finds the build that a user names: by its ref, by the beginning of it, or by its place: {@code
 * ^0} is the build that began last, {@code ^1} the one before. A ref may have a builder and a node
 * before it, as buildx writes it.
 */
public final class RefChoice {
  private static final int SHOWN = 5;

  private RefChoice() {}

  /**
   * The build.
   *
   * @param builds those that began last first
   * @param given empty for the build that began last
   * @throws BuildException NOT_FOUND when there is none, INVALID when there are several
   */
  public static BuildEntry find(List<BuildEntry> builds, String given) {
    if (builds.isEmpty()) {
      throw new BuildException(Code.NOT_FOUND, "the build history is empty");
    }
    if (given.isEmpty()) {
      return builds.get(0);
    }
    if (given.startsWith("^")) {
      return byPlace(builds, given);
    }
    String ref = given.substring(given.lastIndexOf('/') + 1);
    for (BuildEntry build : builds) {
      if (build.ref().equals(ref) || build.ref().equals(given)) {
        return build;
      }
    }
    List<BuildEntry> found =
        ref.isEmpty() ? List.of() : builds.stream().filter(b -> b.ref().startsWith(ref)).toList();
    if (found.isEmpty()) {
      throw new BuildException(
          Code.NOT_FOUND,
          "no build record of ref '" + given + "'; 'jbuild history ls' shows those there are");
    }
    if (found.size() > 1) {
      var refs = found.stream().limit(SHOWN).map(BuildEntry::ref).toList();
      throw new BuildException(
          Code.INVALID,
          "ref '"
              + given
              + "' is the beginning of "
              + found.size()
              + ": "
              + String.join(", ", refs)
              + (found.size() > SHOWN ? ", ..." : ""));
    }
    return found.get(0);
  }

  private static BuildEntry byPlace(List<BuildEntry> builds, String given) {
    int place;
    try {
      place = Integer.parseInt(given.substring(1));
    } catch (NumberFormatException e) {
      place = -1;
    }
    if (place < 0) {
      throw new BuildException(
          Code.INVALID, "'" + given + "': want ^ and a number, ^0 for the build that began last");
    }
    if (place >= builds.size()) {
      throw new BuildException(
          Code.NOT_FOUND, "'" + given + "': the build history has " + builds.size() + " builds");
    }
    return builds.get(place);
  }
}
