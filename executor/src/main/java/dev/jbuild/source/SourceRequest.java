package dev.jbuild.source;

import dev.jbuild.oci.Platform;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a graph asks for. Source: wire facts, "SourceOp".
 *
 * @param identifier {@code scheme://rest}
 * @param attrs keys by their wire names; unknown ones mean nothing
 * @param platform of the step, the worker's own where the step names none
 */
public record SourceRequest(String identifier, Map<String, String> attrs, Platform platform) {
  public SourceRequest {
    attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
  }

  /** The identifier without its scheme. */
  public String rest() {
    int end = identifier.indexOf("://");
    return end < 0 ? identifier : identifier.substring(end + 3);
  }
}
