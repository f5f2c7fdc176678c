package dev.jbuild.solver.policy;

import com.google.re2j.Pattern;
import dev.jbuild.llb.LlbOp.SourceOp;
import dev.jbuild.sourcepolicy.SourcePolicy.Condition;
import dev.jbuild.sourcepolicy.SourcePolicy.Constraint;
import dev.jbuild.sourcepolicy.SourcePolicy.Rule;
import dev.jbuild.sourcepolicy.SourcePolicy.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * A rule that is ready to be asked. Immutable.
 *
 * @param place for people: {@code rule 2 of the build's source policy}
 */
record CompiledRule(Rule rule, String place, IdentifierPattern pattern, List<Check> checks) {
  CompiledRule {
    checks = List.copyOf(checks);
  }

  /** What one attribute has to be. */
  record Check(String key, Predicate<String> holds) {}

  /**
   * Reads a rule.
   *
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static CompiledRule of(Rule rule, String place) {
    var checks = new ArrayList<Check>();
    for (Constraint constraint : rule.selector().constraints()) {
      checks.add(new Check(constraint.key(), holds(constraint)));
    }
    return new CompiledRule(rule, place, IdentifierPattern.of(rule.selector()), checks);
  }

  private static Predicate<String> holds(Constraint constraint) {
    String wanted = constraint.value();
    if (constraint.condition() == Condition.MATCHES) {
      Pattern pattern = IdentifierPattern.compile(wanted);
      return value -> pattern.matcher(value).find();
    }
    return constraint.condition() == Condition.EQUAL
        ? wanted::equals
        : value -> !wanted.equals(value);
  }

  /**
   * Whether the rule is about a source.
   *
   * @param name of the source, the one that rules see
   */
  boolean selects(String name, Map<String, String> attrs) {
    for (Check check : checks) {
      if (!check.holds().test(attrs.getOrDefault(check.key(), ""))) {
        return false;
      }
    }
    return pattern.matches(name);
  }

  /** What a CONVERT makes of a source; the source itself when it changes nothing. */
  SourceOp convert(SourceOp source, String name) {
    Update update = rule.update();
    if (update == null) {
      throw new IllegalStateException("a CONVERT has updates");
    }
    String identifier = source.identifier();
    if (!update.identifier().isEmpty()) {
      String made = pattern.format(name, update.identifier());
      if (!made.isEmpty() && !made.equals(name)) {
        identifier = made;
      }
    }
    Map<String, String> attrs = new TreeMap<>(SourceNames.moved(source, identifier));
    boolean changed = !identifier.equals(source.identifier());
    for (Map.Entry<String, String> attr : update.attrs().entrySet()) {
      if (!attr.getValue().equals(attrs.getOrDefault(attr.getKey(), ""))) {
        attrs.put(attr.getKey(), attr.getValue());
        changed = true;
      }
    }
    return changed ? new SourceOp(identifier, attrs) : source;
  }

  /** {@code rule 2 (DENY wildcard 'http://*') of the build's source policy}. */
  String described() {
    int of = place.indexOf(" of ");
    return place.substring(0, of)
        + " ("
        + rule.action()
        + " "
        + rule.selector().type().name().toLowerCase(Locale.ROOT)
        + " '"
        + rule.selector().identifier()
        + "')"
        + place.substring(of);
  }
}
