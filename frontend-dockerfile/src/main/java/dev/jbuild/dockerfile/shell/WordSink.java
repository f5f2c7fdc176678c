package dev.jbuild.dockerfile.shell;

import java.util.ArrayList;
import java.util.List;

/** Collects the result of an expansion, as one text and as words. */
final class WordSink {
  private final StringBuilder text = new StringBuilder();
  private final StringBuilder word = new StringBuilder();
  private final List<String> words = new ArrayList<>();

  /** Text at which words may be cut. */
  void addOpen(String added) {
    text.append(added);
    for (int i = 0; i < added.length(); i++) {
      char c = added.charAt(i);
      if (Character.isWhitespace(c)) {
        endWord();
      } else {
        word.append(c);
      }
    }
  }

  /** Text that was quoted or escaped. */
  void addClosed(String added) {
    text.append(added);
    word.append(added);
  }

  int length() {
    return text.length();
  }

  String text() {
    return text.toString();
  }

  List<String> words() {
    endWord();
    return words;
  }

  private void endWord() {
    if (!word.isEmpty()) {
      words.add(word.toString());
      word.setLength(0);
    }
  }
}
