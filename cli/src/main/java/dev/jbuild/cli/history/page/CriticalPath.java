package dev.jbuild.cli.history.page;

import dev.jbuild.cli.history.StoryStep;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The chain of steps, each using the one before, that took longest: only what is on it can make the
 * build faster.
 */
final class CriticalPath {
  private CriticalPath() {}

  /** Digests of the steps on it; empty when nothing took any time. */
  static Set<String> of(List<StoryStep> steps) {
    Map<String, StoryStep> byDigest = new HashMap<>();
    steps.forEach(step -> byDigest.put(step.digest(), step));
    var lengths = new HashMap<String, Duration>();
    var before = new HashMap<String, String>();
    String last = null;
    // In the order of their begin, inputs come first; one that does not counts as no input.
    for (StoryStep step : steps) {
      Duration longest = Duration.ZERO;
      for (String input : step.inputs()) {
        Duration length = lengths.getOrDefault(input, Duration.ZERO);
        if (length.compareTo(longest) > 0) {
          longest = length;
          before.put(step.digest(), input);
        }
      }
      lengths.put(step.digest(), longest.plus(step.duration()));
      if (longer(lengths, step.digest(), last)) {
        last = step.digest();
      }
    }
    var path = new HashSet<String>();
    while (last != null && path.add(last)) {
      last = before.get(last);
    }
    return path;
  }

  private static boolean longer(
      Map<String, Duration> lengths, String digest, @Nullable String than) {
    Duration mine = lengths.getOrDefault(digest, Duration.ZERO);
    Duration other = than == null ? Duration.ZERO : lengths.getOrDefault(than, Duration.ZERO);
    return mine.compareTo(other) > 0;
  }
}
