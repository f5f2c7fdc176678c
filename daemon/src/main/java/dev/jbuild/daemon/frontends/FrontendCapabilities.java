package dev.jbuild.daemon.frontends;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.frontend.FrontendRequest;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What a request needs of a frontend, and what an image says that it can do. */
final class FrontendCapabilities {
  private static final String LABEL = "moby.buildkit.frontend.caps";
  private static final String INPUTS = "moby.buildkit.frontend.inputs";

  private FrontendCapabilities() {}

  /**
   * Returns when all is offered.
   *
   * @param labels of the image
   */
  static void check(Map<String, String> labels, FrontendRequest request, String source) {
    Set<String> offered = names(labels.getOrDefault(LABEL, ""));
    Set<String> wanted = names(request.attrs().getOrDefault("frontend.caps", ""));
    if (!request.inputs().isEmpty()) {
      wanted.add(INPUTS);
    }
    for (String each : wanted) {
      if (!offered.contains(each)) {
        throw new BuildException(
            Code.UNIMPLEMENTED,
            "frontend image '"
                + source
                + "' does not offer '"
                + each
                + "', which this build needs: take a newer image");
      }
    }
  }

  private static Set<String> names(String list) {
    var names = new HashSet<String>();
    Arrays.stream(list.split(",", -1))
        .map(name -> name.strip().replaceFirst("\\+.*", ""))
        .filter(name -> !name.isEmpty())
        .forEach(names::add);
    return names;
  }
}
