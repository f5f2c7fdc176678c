package dev.jbuild.dockerfile.convert;

import dev.jbuild.dockerfile.instruction.Description;
import dev.jbuild.dockerfile.instruction.Instruction;
import dev.jbuild.llb.SourceRange;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a target takes from the client: arguments, secrets, agents and caches of the stages that are
 * built for it, each once, in the order met. Not thread safe.
 */
public final class Outline {
  private final Map<String, Argument> arguments = new LinkedHashMap<>();
  private final Map<String, Need> secrets = new LinkedHashMap<>();
  private final Map<String, Need> agents = new LinkedHashMap<>();
  private final Map<String, Need> caches = new LinkedHashMap<>();

  /** A build argument; the value is what it has now, null where it has none. */
  public record Argument(
      String name, String description, @Nullable String value, SourceRange range) {}

  /** Something that the client has; {@code required} means that it does not go without. */
  public record Need(String id, boolean required, SourceRange range) {}

  public List<Argument> arguments() {
    return List.copyOf(arguments.values());
  }

  public List<Need> secrets() {
    return List.copyOf(secrets.values());
  }

  public List<Need> agents() {
    return List.copyOf(agents.values());
  }

  public List<Need> caches() {
    return List.copyOf(caches.values());
  }

  void argument(String name, Instruction.Arg arg, @Nullable String value, SourceRange range) {
    var argument = new Argument(name, Description.of(arg, name), value, range);
    Argument known = arguments.putIfAbsent(name, argument);
    if (known != null && known.description.isEmpty() && !argument.description.isEmpty()) {
      arguments.put(name, new Argument(name, argument.description, known.value, known.range));
    }
  }

  void secret(String id, boolean required, SourceRange range) {
    add(secrets, new Need(id, required, range));
  }

  void agent(String id, boolean required, SourceRange range) {
    add(agents, new Need(id, required, range));
  }

  void cache(String id, SourceRange range) {
    add(caches, new Need(id, false, range));
  }

  private static void add(Map<String, Need> needs, Need need) {
    needs.merge(
        need.id,
        need,
        (known, other) -> new Need(known.id, known.required || other.required, known.range));
  }
}
