package dev.jbuild.dockerfile.options;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.error.Detail;
import dev.jbuild.frontend.FrontendBridge.ResolveMode;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@link BuildOptions} from attributes by their wire names. Unknown ones are ignored. */
public final class BuildOptionsReader {
  private static final String CAPS_PREFIX = "moby.buildkit.frontend.";
  private static final Set<String> CAPS =
      Set.of("inputs", "subrequests", "contexts", "gitquerystring");

  private BuildOptionsReader() {}

  /**
   * @param worker the worker's own platform
   * @throws BuildException INVALID for a value that cannot be read, UNIMPLEMENTED for a wish that
   *     this frontend does not fulfil
   */
  public static BuildOptions read(Map<String, String> attrs, Platform worker) {
    var attributes = new Attributes(attrs);
    refuseWhatIsNotOffered(attributes);
    List<Platform> platforms = platforms(attributes, worker);
    return new BuildOptions(
        context(attributes),
        attributes.orEmpty("target").isEmpty() ? null : attributes.text("target"),
        attributes.below("build-arg:"),
        attributes.below("label:"),
        platforms,
        multiPlatform(attributes, platforms.size()),
        noCache(attributes),
        resolveMode(attributes),
        RunOptionsReader.read(attributes));
  }

  private static void refuseWhatIsNotOffered(Attributes attributes) {
    for (String cap : attributes.list("frontend.caps")) {
      String name = cap.endsWith("+forward") ? cap.substring(0, cap.length() - 8) : cap;
      boolean known =
          name.startsWith(CAPS_PREFIX) && CAPS.contains(name.substring(CAPS_PREFIX.length()));
      if (!known) {
        throw new BuildException(
            Code.UNIMPLEMENTED,
            "option 'frontend.caps': unknown capability '" + cap + "'",
            null,
            List.of(new Detail.MissingCapability(name)));
      }
    }
  }

  private static ContextOptions context(Attributes attributes) {
    String contextKey = attributes.or("contextkey", ContextOptions.CONTEXT_LOCAL);
    String remote = attributes.orEmpty(contextKey);
    var named = new HashMap<>(attributes.below("context:"));
    return new ContextOptions(
        attributes.orEmpty("filename").isEmpty() ? "Dockerfile" : attributes.orEmpty("filename"),
        attributes.or("dockerfilekey", "dockerfile"),
        attributes.has("dockerfilekey"),
        isRemote(remote) ? remote : null,
        Boolean.TRUE.equals(attributes.flag("build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR")),
        attributes.orEmpty("contextsubdir"),
        named,
        attributes.below("input-metadata:"),
        attributes.below("sharedkey:localdir:"),
        attributes.below("local-sessionid:"));
  }

  private static boolean isRemote(String context) {
    return context.startsWith("http://")
        || context.startsWith("https://")
        || context.startsWith("git://")
        || context.startsWith("ssh://")
        || context.matches("[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+:[^/].*")
        || context.startsWith("github.com/");
  }

  private static List<Platform> platforms(Attributes attributes, Platform worker) {
    var platforms = new ArrayList<Platform>();
    for (String text : attributes.list("platform")) {
      Platform platform;
      try {
        platform = Platform.parse(text, worker);
      } catch (IllegalArgumentException e) {
        throw new BuildException(Code.INVALID, "option 'platform': " + e.getMessage(), e);
      }
      if (!platforms.contains(platform)) {
        platforms.add(platform);
      }
    }
    return platforms;
  }

  private static boolean multiPlatform(Attributes attributes, int platforms) {
    Boolean wanted = attributes.flag("build-arg:BUILDKIT_MULTI_PLATFORM");
    if (wanted == null) {
      wanted = attributes.flag("multi-platform");
    }
    if (wanted == null) {
      return platforms > 1;
    }
    if (!wanted && platforms > 1) {
      throw new BuildException(
          Code.INVALID,
          "option 'multi-platform': is false, but " + platforms + " platforms are asked for");
    }
    return wanted;
  }

  private static BuildOptions.NoCache noCache(Attributes attributes) {
    String text = attributes.text("no-cache");
    if (text == null) {
      return BuildOptions.NoCache.NONE;
    }
    return new BuildOptions.NoCache(text.isEmpty(), attributes.list("no-cache"));
  }

  private static ResolveMode resolveMode(Attributes attributes) {
    @Nullable String text = attributes.text("image-resolve-mode");
    return switch (text == null ? "" : text) {
      case "", "default" -> ResolveMode.DEFAULT;
      case "pull" -> ResolveMode.PULL;
      case "local" -> ResolveMode.LOCAL;
      default -> throw attributes.wrong("image-resolve-mode", "want default, pull or local");
    };
  }
}
