package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.options.ContextOptions;
import dev.jbuild.oci.ImageRef;
import dev.jbuild.oci.Platform;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds the contexts that stand in for stages and images. */
final class NamedContexts {
  private static final String LATEST = ":latest";

  private final Map<String, String> values;

  NamedContexts(ContextOptions options) {
    this.values = options.named();
  }

  /** First the one given for the platform, then the one for all; null when there is none. */
  @Nullable NamedContext find(String name, Platform platform) {
    if (values.isEmpty()
        || name.equalsIgnoreCase("scratch")
        || name.equalsIgnoreCase(ContextOptions.CONTEXT_LOCAL)) {
      return null;
    }
    String familiar = familiar(name);
    NamedContext special = get(familiar + "::" + platform.normalized());
    return special == null ? get(familiar) : special;
  }

  private @Nullable NamedContext get(String key) {
    String value = values.get(key);
    return value == null ? null : new NamedContext(key, value);
  }

  private static String familiar(String name) {
    String familiar;
    try {
      familiar = ImageRef.parse(name).familiar();
    } catch (IllegalArgumentException e) {
      return name;
    }
    return familiar.endsWith(LATEST)
        ? familiar.substring(0, familiar.length() - LATEST.length())
        : familiar;
  }
}
