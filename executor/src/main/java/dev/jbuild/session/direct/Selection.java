package dev.jbuild.session.direct;

import dev.jbuild.ignore.PathPatterns;
import dev.jbuild.session.FileSync;
import java.util.HashSet;
import java.util.Set;

/** What a walk sends: what is included or followed to, less what is excluded. Immutable. */
final class Selection {
  private final PathPatterns includes;
  private final PathPatterns excludes;
  private final boolean all;
  private final Set<String> followed;
  private final Set<String> aboveFollowed;

  /**
   * @param followed from {@link FollowedPaths}
   */
  Selection(FileSync.Filter filter, Set<String> followed) {
    this.includes = PathPatterns.of(filter.includePatterns());
    this.excludes = PathPatterns.of(filter.excludePatterns());
    this.followed = Set.copyOf(followed);
    this.all = (includes.isEmpty() && filter.followPaths().isEmpty()) || this.followed.contains("");
    this.aboveFollowed = above(this.followed);
  }

  private static Set<String> above(Set<String> paths) {
    var above = new HashSet<String>();
    for (String path : paths) {
      for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
        above.add(path.substring(0, slash));
      }
    }
    return above;
  }

  Place root() {
    return new Place(includes.root(), excludes.root(), all);
  }

  /** A path on the walk. Immutable. */
  final class Place {
    private final PathPatterns.Place included;
    private final PathPatterns.Place excluded;
    private final boolean inside;

    private Place(PathPatterns.Place included, PathPatterns.Place excluded, boolean inside) {
      this.included = included;
      this.excluded = excluded;
      this.inside = inside;
    }

    Place child(String name) {
      var include = all ? included : included.child(name);
      var exclude = excludes.isEmpty() ? excluded : excluded.child(name);
      return new Place(include, exclude, inside || followed.contains(include.path()));
    }

    /** Whether this path is sent. */
    boolean isSent() {
      return (inside || included.matches()) && !excluded.matches();
    }

    /** Whether something below this directory may be sent. */
    boolean maySendBelow() {
      boolean wanted =
          inside || included.mayMatchBelow() || aboveFollowed.contains(included.path());
      return wanted && (!excluded.matches() || excluded.mayReincludeBelow());
    }
  }
}
