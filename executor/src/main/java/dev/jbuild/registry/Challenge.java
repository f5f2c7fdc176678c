package dev.jbuild.registry;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a server wants to see before it answers. Source: RFC 9110, section 11.6.1.
 *
 * @param scheme lower case: {@code bearer}, {@code basic}
 * @param parameters names in lower case; values without their quotes
 */
record Challenge(String scheme, Map<String, String> parameters) {
  private static final int LIMIT = 16 * 1024;

  Challenge {
    parameters = Map.copyOf(parameters);
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  /**
   * Reads all challenges of all {@code WWW-Authenticate} headers. What makes no sense is passed
   * over: the server is not to be trusted, and another challenge may do.
   */
  static List<Challenge> parse(List<String> headers) {
    var all = new ArrayList<Challenge>();
    for (String header : headers) {
      if (header.length() <= LIMIT) {
        new Reader(header).readInto(all);
      }
    }
    return all;
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    void readInto(List<Challenge> all) {
      String scheme = "";
      var parameters = new TreeMap<String, String>();
      while (at < text.length()) {
        skip(" \t,");
        String word = token();
        if (word.isEmpty()) {
          at++; // neither a token nor a separator: not ours to understand
          continue;
        }
        int afterWord = at;
        skip(" \t");
        if (at < text.length() && text.charAt(at) == '=') {
          at++;
          skip(" \t");
          parameters.putIfAbsent(word.toLowerCase(Locale.ROOT), value());
          continue;
        }
        at = afterWord;
        add(all, scheme, parameters);
        scheme = word.toLowerCase(Locale.ROOT);
        parameters.clear();
      }
      add(all, scheme, parameters);
    }

    private static void add(List<Challenge> all, String scheme, Map<String, String> parameters) {
      if (!scheme.isEmpty()) {
        all.add(new Challenge(scheme, parameters));
      }
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private String token() {
      int start = at;
      while (at < text.length() && isTokenCharacter(text.charAt(at))) {
        at++;
      }
      return text.substring(start, at);
    }

    private static boolean isTokenCharacter(char c) {
      return (c >= 'a' && c <= 'z')
          || (c >= 'A' && c <= 'Z')
          || (c >= '0' && c <= '9')
          || "!#$%&'*+-.^_`|~/:".indexOf(c) >= 0;
    }

    private String value() {
      if (at >= text.length() || text.charAt(at) != '"') {
        return token();
      }
      var value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at = Math.min(text.length(), at + 1);
      return value.toString();
    }
  }
}
