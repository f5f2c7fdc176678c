package dev.jbuild.llb;

import java.util.List;

/** Where in a source file an op comes from. */
public record SourceLocation(SourceInfo info, List<SourceRange> ranges) {
  public SourceLocation {
    ranges = List.copyOf(ranges);
  }
}
