package dev.jbuild.frontend;

import dev.jbuild.llb.OpNode;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a client asks of a frontend.
 *
 * @param attrs options by their wire names ({@code build-arg:X}, {@code target}, ...); a present
 *     but empty value means something
 * @param inputs named graphs, such as {@code dockerfile}, that replace local sources of that name
 */
public record FrontendRequest(Map<String, String> attrs, Map<String, OpNode.Output> inputs) {
  public FrontendRequest {
    attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
    inputs = Collections.unmodifiableMap(new TreeMap<>(inputs));
  }
}
