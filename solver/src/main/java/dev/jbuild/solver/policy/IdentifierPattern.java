package dev.jbuild.solver.policy;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.jbuild.sourcepolicy.SourcePolicy.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a selector compares identifiers with, in time that grows with the product of both lengths at
 * most. Immutable.
 */
sealed interface IdentifierPattern {

  /** Whether an identifier is meant; one that is equal to the pattern is, whatever it is. */
  boolean matches(String identifier);

  /**
   * What becomes of an identifier that matches.
   *
   * @param template with names of what was matched
   */
  String format(String identifier, String template);

  /**
   * Reads a selector's identifier.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static IdentifierPattern of(Selector selector) {
    return switch (selector.type()) {
      case EXACT -> new Exact(selector.identifier());
      case WILDCARD -> Wildcard.of(selector.identifier());
      case REGEX -> new Regex(selector.identifier(), compile(selector.identifier()));
    };
  }

  /**
   * Compiles an expression of Go's syntax, unless its program would be too large.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Pattern compile(String text) {
    RegexSize.check(text);
    try {
      return Pattern.compile(text);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "'" + text + "' is no regular expression: " + e.getDescription(), e);
    }
  }

  /** One identifier. */
  record Exact(String identifier) implements IdentifierPattern {
    @Override
    public boolean matches(String other) {
      return identifier.equals(other);
    }

    @Override
    public String format(String matched, String template) {
      return template;
    }
  }

  /**
   * Texts with anything between them; the first gap takes as much as it can, then the second. A
   * line's end is nothing special here, unlike in BuildKit, where it hides a source from {@code *}.
   *
   * @param texts at least one
   */
  record Wildcard(List<String> texts) implements IdentifierPattern {
    public Wildcard {
      texts = List.copyOf(texts);
    }

    static Wildcard of(String identifier) {
      if (identifier.contains("**")) {
        throw new IllegalArgumentException(
            "'" + identifier + "': '**' is no wildcard, write '*' for any text");
      }
      return new Wildcard(List.of(identifier.split("\\*", -1)));
    }

    @Override
    public boolean matches(String identifier) {
      return String.join("*", texts).equals(identifier) || gaps(identifier).isPresent();
    }

    @Override
    public String format(String identifier, String template) {
      Optional<List<String>> gaps = gaps(identifier);
      if (gaps.isEmpty()) {
        return template;
      }
      return GoTemplate.expand(
          template,
          name -> {
            int index = GoTemplate.index(name);
            return index < 0 || index > gaps.get().size()
                ? ""
                : index == 0 ? identifier : gaps.get().get(index - 1);
          });
    }

    /** What each wildcard stands for; found from the end, so that earlier ones get the most. */
    private Optional<List<String>> gaps(String identifier) {
      String first = texts.getFirst();
      if (texts.size() == 1) {
        return first.equals(identifier) ? Optional.of(List.of()) : Optional.empty();
      }
      String last = texts.getLast();
      int end = identifier.length() - last.length();
      if (!identifier.startsWith(first) || !identifier.endsWith(last) || end < first.length()) {
        return Optional.empty();
      }
      var gaps = new ArrayList<String>();
      for (int i = texts.size() - 2; i > 0; i--) {
        String text = texts.get(i);
        int at = identifier.lastIndexOf(text, end - text.length());
        if (at < first.length()) {
          return Optional.empty();
        }
        gaps.add(identifier.substring(at + text.length(), end));
        end = at;
      }
      gaps.add(identifier.substring(first.length(), end));
      return Optional.of(gaps.reversed());
    }
  }

  /** An expression that is found somewhere; each place where it is found is replaced. */
  record Regex(String text, Pattern pattern) implements IdentifierPattern {
    @Override
    public boolean matches(String identifier) {
      return text.equals(identifier) || pattern.matcher(identifier).find();
    }

    @Override
    public String format(String identifier, String template) {
      Matcher matcher = pattern.matcher(identifier);
      var made = new StringBuilder();
      int last = 0;
      while (matcher.find() && made.length() <= SourcePolicies.MAX_IDENTIFIER) {
        made.append(identifier, last, matcher.start());
        // Nothing right after a match is no second match.
        if (matcher.end() > last || matcher.start() == 0) {
          made.append(GoTemplate.expand(template, name -> group(matcher, name)));
        }
        last = matcher.end();
      }
      return made.append(identifier, last, identifier.length()).toString();
    }

    private String group(Matcher matcher, String name) {
      int index = GoTemplate.index(name);
      if (index < 0) {
        index = pattern.namedGroups().getOrDefault(name, -1);
      }
      String group = index < 0 || index > matcher.groupCount() ? null : matcher.group(index);
      return group == null ? "" : group;
    }
  }
}
