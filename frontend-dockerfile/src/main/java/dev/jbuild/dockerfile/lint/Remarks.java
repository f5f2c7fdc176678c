package dev.jbuild.dockerfile.lint;

import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.llb.SourceRange;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Sends remarks to the user, each once, and not without end. Not thread safe. */
public final class Remarks {
  private static final int MAX_REMARKS = 200;

  private final SourceFile file;
  private final FrontendBridge bridge;
  private final Set<String> sent = new HashSet<>();

  public Remarks(SourceFile file, FrontendBridge bridge) {
    this.file = file;
    this.bridge = bridge;
  }

  /**
   * @param text what was found, without the rule's name
   */
  public void add(Rule rule, SourceRange range, String text) {
    String shown = rule.id() + ": " + text + " (line " + range.startLine() + ")";
    if (sent.size() < MAX_REMARKS && sent.add(shown)) {
      bridge.warn(
          new FrontendBridge.Warning(
              shown, List.of(rule.description()), "", file.info(), List.of(range)));
    }
  }
}
