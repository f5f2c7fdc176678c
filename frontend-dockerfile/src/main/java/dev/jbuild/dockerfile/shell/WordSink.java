package dev.jbuild.dockerfile.shell;

import java.util.ArrayList;
import java.util.List;

/** Collects the result of an expansion, as one text and as words. */
final class WordSink {
  private final StringBuilder text = new StringBuilder();
  private final List<Span> words = new ArrayList<>();
  private int wordStart;

  private record Span(int start, int end) {}

  /** Text at which words may be cut. */
  void addOpen(String added) {
    int offset = text.length();
    text.append(added);
    for (int i = 0; i < added.length(); i++) {
      if (Character.isWhitespace(added.charAt(i))) {
        endWord(offset + i);
        wordStart = offset + i + 1;
      }
    }
  }

  /** Text that was quoted or escaped. */
  void addClosed(String added) {
    text.append(added);
  }

  int length() {
    return text.length();
  }

  String text() {
    return text.toString();
  }

  /** The end of the text ends the last word. */
  List<String> words(String whole) {
    endWord(whole.length());
    return words.stream().map(span -> whole.substring(span.start, span.end)).toList();
  }

  private void endWord(int end) {
    if (end > wordStart) {
      words.add(new Span(wordStart, end));
    }
  }
}
