package dev.jbuild.dockerfile.parse;

import dev.jbuild.llb.SourceRange;

/**
 * An inline document of RUN, COPY or ADD. Source: Dockerfile reference, "Here-documents".
 *
 * @param name the delimiter without quotes
 * @param expand whether variables are expanded: the delimiter had no quotes
 * @param stripTabs whether leading tabs go: {@code <<-}
 * @param content the lines as they stand, each with its line end
 * @param operator where {@code <<EOF} stands
 * @param body the lines of the content with the closing delimiter
 */
public record Heredoc(
    String name,
    boolean expand,
    boolean stripTabs,
    String content,
    SourceRange operator,
    SourceRange body) {

  /** The content as it is meant: without leading tabs where {@code <<-} says so. */
  public String text() {
    if (!stripTabs) {
      return content;
    }
    var out = new StringBuilder(content.length());
    boolean lineStarts = true;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (lineStarts && c == '\t') {
        continue;
      }
      lineStarts = c == '\n';
      out.append(c);
    }
    return out.toString();
  }

  /** Where characters {@code start} to {@code end}, exclusive, of the content stand. */
  public SourceRange range(int start, int end) {
    int line = body.startLine();
    int lineStart = 0;
    for (int next = content.indexOf('\n'); next >= 0 && next < start; ) {
      line++;
      lineStart = next + 1;
      next = content.indexOf('\n', lineStart);
    }
    int lastLine = line;
    int lastStart = lineStart;
    for (int next = content.indexOf('\n', lineStart); next >= 0 && next < end; ) {
      lastLine++;
      lastStart = next + 1;
      next = content.indexOf('\n', lastStart);
    }
    return new SourceRange(line, start - lineStart, lastLine, end - lastStart);
  }
}
