package dev.jbuild.daemon.storage;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Filters in containerd's syntax: {@code type==regular,id~=^s}, {@code labels."a b"==x}, {@code
 * inuse}; an empty text lets everything pass. The terms of one text must all hold, one of several
 * texts. Source: containerd, filters package, grammar of its documentation.
 */
public final class RecordFilter {
  private static final int MAX_TERMS = 100;
  private static final String NAME =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

  private final List<List<Term>> any;

  private RecordFilter(List<List<Term>> any) {
    this.any = any;
  }

  /** What is filtered. */
  public interface Fields {
    /** The value of a field; null when there is none. */
    @Nullable String value(String field);
  }

  private record Term(String field, Predicate<@Nullable String> holds) {}

  /**
   * Reads filters; none let everything pass.
   *
   * @throws BuildException INVALID for a text that is no filter
   */
  public static RecordFilter parse(List<String> texts) {
    var any = new ArrayList<List<Term>>();
    for (String text : texts) {
      any.add(text.isEmpty() ? List.of() : new Reader(text).terms());
    }
    return new RecordFilter(any);
  }

  /** Whether one of the filters holds. */
  public boolean matches(Fields fields) {
    return any.isEmpty()
        || any.stream().anyMatch(all -> all.stream().allMatch(term -> holds(term, fields)));
  }

  /** Whether a filter says something of this field. */
  public boolean mentions(String field) {
    return any.stream().flatMap(List::stream).anyMatch(term -> term.field().equals(field));
  }

  private static boolean holds(Term term, Fields fields) {
    return term.holds().test(fields.value(term.field()));
  }

  /** For one text and one thread. */
  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    List<Term> terms() {
      var terms = new ArrayList<Term>();
      do {
        terms.add(term());
      } while (take(",") && terms.size() < MAX_TERMS);
      if (at < text.length()) {
        throw wrong("want ',' or the end");
      }
      return terms;
    }

    private Term term() {
      String field = field();
      if (take("==")) {
        String want = value();
        return new Term(field, want::equals);
      }
      if (take("!=")) {
        String unwanted = value();
        return new Term(field, value -> !unwanted.equals(value));
      }
      if (take("~=")) {
        Pattern pattern = pattern(value());
        return new Term(field, value -> value != null && pattern.matcher(value).find());
      }
      return new Term(field, value -> value != null && !value.isEmpty());
    }

    private Pattern pattern(String expression) {
      try {
        return Pattern.compile(expression);
      } catch (PatternSyntaxException e) {
        throw wrong("'" + expression + "' is no regular expression");
      }
    }

    private String field() {
      var field = new StringBuilder(part());
      while (take(".")) {
        field.append('.').append(part());
      }
      return field.toString();
    }

    private String part() {
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      int from = at;
      while (at < text.length() && isName(text.charAt(at))) {
        at++;
      }
      if (from == at) {
        throw wrong("want the name of a field");
      }
      return text.substring(from, at);
    }

    private static boolean isName(char c) {
      return NAME.indexOf(c) >= 0;
    }

    private String value() {
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      int from = at;
      while (at < text.length() && text.charAt(at) != ',') {
        at++;
      }
      return text.substring(from, at);
    }

    private String quoted() {
      var value = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char c = text.charAt(at);
        if (c == '"') {
          at++;
          return value.toString();
        }
        if (c == '\\' && at + 1 < text.length()) {
          at++;
          c = text.charAt(at);
        }
        value.append(c);
      }
      throw wrong("a quote does not end");
    }

    private boolean take(String word) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return true;
      }
      return false;
    }

    private BuildException wrong(String what) {
      return new BuildException(
          Code.INVALID, "filter '" + text + "', character " + (at + 1) + ": " + what);
    }
  }
}
