package dev.jbuild.dockerfile.convert;

import dev.jbuild.oci.History;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** History that stages share: each line points at the one before. */
record HistoryChain(@Nullable HistoryChain before, History line) {

  static List<History> toList(@Nullable HistoryChain last) {
    var lines = new ArrayList<History>();
    for (HistoryChain at = last; at != null; at = at.before) {
      lines.add(at.line);
    }
    Collections.reverse(lines);
    return lines;
  }

  static @Nullable HistoryChain of(List<History> lines) {
    HistoryChain chain = null;
    for (History line : lines) {
      chain = new HistoryChain(chain, line);
    }
    return chain;
  }
}
