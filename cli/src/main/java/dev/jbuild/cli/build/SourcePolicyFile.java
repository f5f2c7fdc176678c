package dev.jbuild.cli.build;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import dev.jbuild.sourcepolicy.SourcePolicy;
import dev.jbuild.sourcepolicy.SourcePolicy.Action;
import dev.jbuild.sourcepolicy.SourcePolicy.Condition;
import dev.jbuild.sourcepolicy.SourcePolicy.Constraint;
import dev.jbuild.sourcepolicy.SourcePolicy.MatchType;
import dev.jbuild.sourcepolicy.SourcePolicy.Rule;
import dev.jbuild.sourcepolicy.SourcePolicy.Selector;
import dev.jbuild.sourcepolicy.SourcePolicy.Update;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A source policy in a file, as {@code buildctl build --source-policy-file} and {@code docker
 * buildx} read it: JSON whose keys have the names of the message's fields in any case, whose enums
 * are names or numbers and where what is left out is the first value. A key that nobody knows is an
 * error here: a rule with a slip of the pen would else be another rule.
 *
 * @param shown how people know the file
 */
record SourcePolicyFile(String shown) {
  /** What {@code docker buildx} reads. */
  static final String VARIABLE = "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY";

  /**
   * The policy that a build is asked for; null for none.
   *
   * @param flag or null, when the environment decides
   */
  static @Nullable SourcePolicy read(
      @Nullable String flag, Map<String, String> env, Path directory) {
    String name = flag == null ? env.getOrDefault(VARIABLE, "") : flag;
    if (name.isEmpty()) {
      return null;
    }
    String shown = "source policy '" + name + "'" + (flag == null ? " (of $" + VARIABLE + ")" : "");
    return new SourcePolicyFile(shown).read(directory.resolve(name));
  }

  private SourcePolicy read(Path file) {
    byte[] text;
    try (InputStream in = Files.newInputStream(file)) {
      text = in.readNBytes(JsonText.MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new BuildException(Code.NOT_FOUND, shown + ": no such file", e);
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, shown + ": can not be read: " + e.getMessage(), e);
    }
    try {
      return policy(JsonText.parse(Bytes.copyOf(text)));
    } catch (OciFormatException e) {
      throw new BuildException(Code.INVALID, shown + " " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, shown + ": " + e.getMessage(), e);
    }
  }

  private static SourcePolicy policy(Json json) {
    Map<String, Json> members = members(json, "the file", List.of("version", "rules"));
    Json version = members.get("version");
    if (version != null
        && !(version instanceof Json.Num number && List.of("0", "1").contains(number.text()))) {
      throw new IllegalArgumentException("version: want " + SourcePolicy.VERSION);
    }
    var rules = new ArrayList<Rule>();
    for (Json rule : items(members, "rules", "rules")) {
      String where = "rule " + (rules.size() + 1);
      try {
        rules.add(rule(rule, where));
      } catch (FieldException e) {
        throw e;
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
      }
    }
    return new SourcePolicy(rules);
  }

  /** What is wrong with one field, which it names. */
  private static final class FieldException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    FieldException(String where, String why) {
      super(where + ": " + why);
    }
  }

  private static Rule rule(Json json, String where) {
    var members = members(json, where, List.of("action", "selector", "updates"));
    Action action = word(members, "action", where, Action.class);
    if (!members.containsKey("selector")) {
      throw new FieldException(where, "it has no selector");
    }
    Selector selector = selector(members.get("selector"), where + ", selector");
    Json updates = members.get("updates");
    return new Rule(
        action, selector, updates == null ? null : update(updates, where + ", updates"));
  }

  private static Selector selector(@Nullable Json json, String where) {
    var members = members(json, where, List.of("identifier", "match_type", "constraints"));
    var constraints = new ArrayList<Constraint>();
    for (Json constraint : items(members, "constraints", where + ".constraints")) {
      String each = where + ".constraints[" + constraints.size() + "]";
      var fields = members(constraint, each, List.of("key", "value", "condition"));
      constraints.add(
          new Constraint(
              text(fields, "key", each),
              text(fields, "value", each),
              word(fields, "condition", each, Condition.class)));
    }
    return new Selector(
        text(members, "identifier", where),
        word(members, "match_type", where, MatchType.class),
        constraints);
  }

  private static Update update(Json json, String where) {
    var members = members(json, where, List.of("identifier", "attrs"));
    var attrs = new TreeMap<String, String>();
    Json given = members.get("attrs");
    if (given != null && !(given instanceof Json.Obj)) {
      throw new FieldException(where + ".attrs", "want an object of texts");
    }
    if (given instanceof Json.Obj object) {
      for (String key : object.members().keySet()) {
        attrs.put(key, text(object.members(), key, where + ".attrs"));
      }
    }
    return new Update(text(members, "identifier", where), attrs);
  }

  /** By the names of the fields; those that are null are left out. */
  private static Map<String, Json> members(@Nullable Json json, String where, List<String> known) {
    if (!(json instanceof Json.Obj object)) {
      throw new FieldException(where, "want an object: {...}");
    }
    var members = new TreeMap<String, Json>();
    object
        .members()
        .forEach(
            (key, value) -> {
              String name = key.equals("matchType") ? "match_type" : key.toLowerCase(Locale.ROOT);
              if (!known.contains(name)) {
                throw new FieldException(
                    where,
                    "unknown key '"
                        + key
                        + "'"
                        + Suggestion.of(key, known)
                        + "; known are "
                        + String.join(", ", known));
              }
              if (!(value instanceof Json.Null)) {
                members.put(name, value);
              }
            });
    return members;
  }

  private static List<Json> items(Map<String, Json> members, String name, String where) {
    Json value = members.get(name);
    if (value != null && !(value instanceof Json.Arr)) {
      throw new FieldException(where, "want a list: [...]");
    }
    return value instanceof Json.Arr array ? array.items() : List.of();
  }

  private static String text(Map<String, Json> members, String name, String where) {
    Json value = members.get(name);
    if (value != null && !(value instanceof Json.Text)) {
      throw new FieldException(where + "." + name, "want a text in quotes");
    }
    return value instanceof Json.Text text ? text.value() : "";
  }

  private static <E extends Enum<E>> E word(
      Map<String, Json> members, String name, String where, Class<E> type) {
    List<E> values = List.of(type.getEnumConstants());
    Json given = members.get(name);
    if (given == null) {
      return values.getFirst();
    }
    for (int i = 0; i < values.size(); i++) {
      boolean named = given instanceof Json.Text text && text.value().equals(values.get(i).name());
      boolean numbered =
          given instanceof Json.Num number && number.text().equals(Integer.toString(i));
      if (named || numbered) {
        return values.get(i);
      }
    }
    String shown = given instanceof Json.Text text ? "'" + text.value() + "'" : "value";
    throw new FieldException(where + "." + name, "unknown " + shown + ", want one of " + values);
  }
}
