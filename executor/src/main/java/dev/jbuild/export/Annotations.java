package dev.jbuild.export;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Annotations that the client wants: {@code annotation[-type][\[platform\]].<key>}. Source: OCI
 * facts, "Annotations".
 */
public record Annotations(List<Wanted> wanted) {
  private static final Pattern NAME =
      Pattern.compile(
          "annotation(?:-(manifest|manifest-descriptor|index|index-descriptor))?"
              + "(?:\\[([^\\]]+)\\])?\\.(.+)");

  public Annotations {
    wanted = List.copyOf(wanted);
  }

  /** Where an annotation goes. */
  public enum Target {
    MANIFEST,
    MANIFEST_DESCRIPTOR,
    INDEX,
    INDEX_DESCRIPTOR
  }

  /**
   * One of them.
   *
   * @param platform normalized, or empty for all
   */
  public record Wanted(Target target, String platform, String key, String value) {}

  static Annotations read(Attrs attrs) {
    var wanted = new ArrayList<Wanted>();
    attrs
        .startingWith("annotation")
        .forEach(
            (name, value) -> {
              Matcher matcher = NAME.matcher(name);
              if (!matcher.matches()) {
                throw attrs.invalid(
                    name, value, "want annotation[-type][[platform]].<key> as its name");
              }
              wanted.add(
                  new Wanted(
                      target(matcher.group(1)),
                      platform(attrs, name, value, matcher.group(2)),
                      matcher.group(3),
                      value));
            });
    return new Annotations(wanted);
  }

  private static Target target(@Nullable String word) {
    return switch (word) {
      case null -> Target.MANIFEST;
      case "manifest-descriptor" -> Target.MANIFEST_DESCRIPTOR;
      case "index" -> Target.INDEX;
      case "index-descriptor" -> Target.INDEX_DESCRIPTOR;
      default -> Target.MANIFEST;
    };
  }

  private static String platform(Attrs attrs, String name, String value, @Nullable String text) {
    if (text == null) {
      return "";
    }
    try {
      return Platform.parse(text, Platform.host()).toString();
    } catch (IllegalArgumentException e) {
      throw attrs.invalid(name, value, String.valueOf(e.getMessage()));
    }
  }

  /** Those for a place, sorted by key. */
  Map<String, String> at(Target target, Platform platform) {
    var found = new TreeMap<String, String>();
    for (Wanted each : wanted) {
      boolean here = each.platform.isEmpty() || each.platform.equals(platform.toString());
      if (each.target == target && here) {
        found.put(each.key, each.value);
      }
    }
    return found;
  }

  /** Refuses those that would go nowhere. */
  void check(List<Platform> platforms, boolean index) {
    for (Wanted each : wanted) {
      if (!index && (each.target == Target.INDEX || each.target == Target.INDEX_DESCRIPTOR)) {
        throw new BuildException(
            Code.INVALID,
            "annotation '" + each.key + "' is for an index, but the result is a single image");
      }
      if (!each.platform.isEmpty()
          && platforms.stream().noneMatch(p -> p.toString().equals(each.platform))) {
        throw new BuildException(
            Code.INVALID,
            "annotation '"
                + each.key
                + "' is for platform "
                + each.platform
                + ", which the result does not have");
      }
    }
  }
}
