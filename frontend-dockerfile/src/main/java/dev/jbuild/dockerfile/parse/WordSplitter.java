package dev.jbuild.dockerfile.parse;

import java.util.ArrayList;
import java.util.List;

/**
 * Cuts text at white space that is neither quoted nor escaped. Words keep their quotes and escapes;
 * a quote that is never closed reaches to the end.
 */
public final class WordSplitter {
  private WordSplitter() {}

  /** The words of a fragment, none of them empty. */
  public static List<Fragment> split(Fragment text, char escape) {
    var words = new ArrayList<Fragment>();
    int at = 0;
    while (true) {
      while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (at == text.length()) {
        return words;
      }
      int end = wordEnd(text, at, escape);
      words.add(text.slice(at, end));
      at = end;
    }
  }

  /** The words of a fragment as plain white space cuts them. */
  public static List<Fragment> splitAtBlanks(Fragment text) {
    var words = new ArrayList<Fragment>();
    int at = 0;
    while (at < text.length()) {
      int start = at;
      while (at < text.length() && !Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      if (at > start) {
        words.add(text.slice(start, at));
      }
      at++;
    }
    return words;
  }

  /** Where the word that starts at {@code from} ends. */
  static int wordEnd(Fragment text, int from, char escape) {
    char quote = 0;
    int at = from;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == escape && quote != '\'') {
        at++;
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (Character.isWhitespace(c)) {
        return at;
      }
      at++;
    }
    return text.length();
  }

  /** Whether a quote is opened and never closed. */
  static boolean hasOpenQuote(Fragment text, char escape) {
    char quote = 0;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == escape && quote != '\'') {
        at++;
      } else if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '\'' || c == '"') {
        quote = c;
      }
    }
    return quote != 0;
  }

  /** The text without its quotes and escapes; nothing is expanded. */
  static String unquote(String text, char escape) {
    var out = new StringBuilder(text.length());
    char quote = 0;
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == escape && quote != '\'') {
        if (++at < text.length()) {
          out.append(text.charAt(at));
        }
      } else if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '\'' || c == '"')) {
        quote = c;
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }
}
