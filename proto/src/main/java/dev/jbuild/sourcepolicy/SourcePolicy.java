package dev.jbuild.sourcepolicy;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rules about the sources of a build, in order. Sizes are bounded, what is too much is an
 * IllegalArgumentException: policies come from whoever sends a request. Source: BuildKit's package
 * {@code sourcepolicy}, message {@code Policy} of version {@value #VERSION}.
 */
public record SourcePolicy(List<Rule> rules) {
  /** The only version there is. */
  public static final int VERSION = 1;

  /** Of one policy. */
  public static final int MAX_RULES = 10_000;

  /** Of an identifier, a key or a value, in characters. */
  public static final int MAX_TEXT = 8 << 10;

  /** Of the constraints or attributes of one rule. */
  public static final int MAX_ATTRS = 100;

  public SourcePolicy {
    rules = List.copyOf(rules);
    if (rules.size() > MAX_RULES) {
      throw new IllegalArgumentException(
          "it has " + rules.size() + " rules, the limit is " + MAX_RULES);
    }
  }

  /** What happens to a source that a rule selects. */
  public enum Action {
    ALLOW,
    DENY,
    CONVERT
  }

  /** How a selector's identifier is compared; one that is equal always matches. */
  public enum MatchType {
    /** {@code *} is any text, also an empty one. */
    WILDCARD,
    EXACT,
    /** Of Go's syntax (RE2), found anywhere in the identifier. */
    REGEX
  }

  /** How an attribute is compared; one that is absent is empty. */
  public enum Condition {
    EQUAL,
    NOTEQUAL,
    /** By a regular expression, found anywhere in the value. */
    MATCHES
  }

  /**
   * One rule.
   *
   * @param update what a CONVERT makes of the source; of other actions it is not looked at
   */
  public record Rule(Action action, Selector selector, @Nullable Update update) {
    public Rule {
      if (action == Action.CONVERT && update == null) {
        throw new IllegalArgumentException("CONVERT has no updates: say what the source becomes");
      }
    }
  }

  /**
   * Which sources a rule is about.
   *
   * @param identifier such as {@code docker-image://docker.io/library/alpine:*}
   * @param constraints all of them hold
   */
  public record Selector(String identifier, MatchType type, List<Constraint> constraints) {
    public Selector {
      checkText("the selector's identifier", identifier);
      if (identifier.isEmpty()) {
        throw new IllegalArgumentException("the selector has no identifier");
      }
      constraints = List.copyOf(constraints);
      if (constraints.size() > MAX_ATTRS) {
        throw new IllegalArgumentException(
            "it has " + constraints.size() + " constraints, the limit is " + MAX_ATTRS);
      }
    }
  }

  /** What an attribute of the source is to be. */
  public record Constraint(String key, String value, Condition condition) {
    public Constraint {
      checkText("the key of a constraint", key);
      checkText("the value of a constraint", value);
    }
  }

  /**
   * What becomes of a source.
   *
   * @param identifier where {@code $1} or <code>${name}</code> stand for what the selector's
   *     wildcards or groups have matched; empty leaves the source's own
   * @param attrs that are set; others stay
   */
  public record Update(String identifier, Map<String, String> attrs) {
    public Update {
      checkText("the identifier of the updates", identifier);
      attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
      if (attrs.size() > MAX_ATTRS) {
        throw new IllegalArgumentException(
            "its updates have " + attrs.size() + " attrs, the limit is " + MAX_ATTRS);
      }
      attrs.forEach(
          (key, value) -> {
            checkText("an attr's key of the updates", key);
            checkText("an attr's value of the updates", value);
          });
    }
  }

  private static void checkText(String what, String text) {
    if (text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          what + " has " + text.length() + " characters, the limit is " + MAX_TEXT);
    }
  }
}
