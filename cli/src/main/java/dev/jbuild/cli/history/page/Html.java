package dev.jbuild.cli.history.page;

import org.jspecify.annotations.Nullable;

/**
 * HTML being written. Elements and attribute names come from the program; every text and value is
 * escaped here, and nothing else can be written. For one thread.
 */
final class Html {
  private static final char REPLACEMENT = '\uFFFD';

  private final StringBuilder out = new StringBuilder(64 << 10);

  /**
   * Begins an element.
   *
   * @param attributes names and values in turn; one whose value is null is left out
   */
  Html open(String element, @Nullable String... attributes) {
    out.append('<').append(element);
    for (int i = 0; i + 1 < attributes.length; i += 2) {
      String value = attributes[i + 1];
      if (value != null) {
        out.append(' ').append(attributes[i]).append("=\"");
        escape(value);
        out.append('"');
      }
    }
    out.append('>');
    return this;
  }

  Html close(String element) {
    out.append("</").append(element).append('>');
    return this;
  }

  Html text(String text) {
    escape(text);
    return this;
  }

  Html line() {
    out.append('\n');
    return this;
  }

  /** An element with nothing but a text. */
  Html element(String element, String text, @Nullable String... attributes) {
    return open(element, attributes).text(text).close(element);
  }

  /** What the program itself has: its style, its document type. */
  Html own(String html) {
    out.append(html);
    return this;
  }

  /** How long a text is once it is escaped. */
  static int length(String text) {
    int length = 0;
    for (int i = 0; i < text.length(); i++) {
      length +=
          switch (text.charAt(i)) {
            case '&', '\'' -> 5;
            case '<', '>' -> 4;
            case '"' -> 6;
            default -> 1;
          };
    }
    return length;
  }

  private void escape(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> out.append("&amp;");
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '"' -> out.append("&quot;");
        case '\'' -> out.append("&#39;");
        default -> out.append(allowed(text, i) ? c : REPLACEMENT);
      }
    }
  }

  /** HTML has no place for control characters, and UTF-8 none for half of a pair. */
  private static boolean allowed(String text, int at) {
    char c = text.charAt(at);
    if (Character.isHighSurrogate(c)) {
      return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
    boolean control = Character.isISOControl(c) || Character.getType(c) == Character.FORMAT;
    return c == '\n' || c == '\t' || !control;
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
