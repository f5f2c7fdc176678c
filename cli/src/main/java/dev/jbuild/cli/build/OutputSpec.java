package dev.jbuild.cli.build;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One {@code -o}: what the daemon's exporter is told, and where the client puts what comes.
 *
 * @param type exporter type on the wire
 * @param attrs of the exporter, without {@code dest}
 * @param destination a path, {@link #STDOUT}, or null for exporters that send nothing to the client
 */
public record OutputSpec(String type, Map<String, String> attrs, @Nullable String destination) {
  /** Stands for the client's standard output. */
  public static final String STDOUT = "-";

  private static final List<String> NO = List.of("false", "f", "0");
  private static final List<String> TYPES =
      List.of("image", "local", "tar", "oci", "docker", "registry", "cacheonly");

  public OutputSpec {
    attrs = Collections.unmodifiableMap(new TreeMap<>(attrs));
  }

  /** Whether it is an OCI layout in a directory: {@code tar=false}. */
  public boolean layout() {
    return (type.equals("oci") || type.equals("docker"))
        && NO.contains(attrs.getOrDefault("tar", "").toLowerCase(Locale.ROOT));
  }

  /** Whether what is in the directory beside the result is deleted: {@code mode=delete}. */
  public boolean deletes() {
    return type.equals("local") && mode(attrs).equals("delete");
  }

  private static String mode(Map<String, String> attrs) {
    return attrs.getOrDefault("mode", "").strip().toLowerCase(Locale.ROOT);
  }

  /** Whether the exporter knows image names. */
  boolean named() {
    return type.equals("image") || type.equals("oci") || type.equals("docker");
  }

  OutputSpec withName(String name) {
    var more = new TreeMap<>(attrs);
    more.putIfAbsent("name", name);
    return new OutputSpec(type, more, destination);
  }

  /** An exporter into the image store. */
  static OutputSpec image(Map<String, String> attrs) {
    return new OutputSpec("image", attrs, null);
  }

  /** Reads a flag's value: {@code dir}, {@code -}, or {@code type=...,dest=...}. */
  static OutputSpec parse(String text) {
    if (text.equals(STDOUT)) {
      return new OutputSpec("tar", Map.of(), STDOUT);
    }
    List<String> fields = Csv.fields(text);
    if (fields.size() == 1 && text.indexOf('=') < 0) {
      if (text.isEmpty()) {
        throw new UsageException("--output: empty; give a directory, '-' or 'type=...,dest=...'");
      }
      return new OutputSpec("local", Map.of(), text);
    }
    String type = "";
    String destination = null;
    var attrs = new TreeMap<String, String>();
    for (String field : fields) {
      int equals = field.indexOf('=');
      if (equals < 1) {
        throw new UsageException("--output: want key=value, got '" + field + "' in '" + text + "'");
      }
      String key = field.substring(0, equals).toLowerCase(Locale.ROOT);
      String value = field.substring(equals + 1);
      switch (key) {
        case "type" -> type = value;
        case "dest" -> destination = value;
        default -> attrs.put(key, value);
      }
    }
    if (type.isEmpty()) {
      throw new UsageException("--output: 'type=' is missing in '" + text + "'");
    }
    return checked(type, attrs, destination);
  }

  private static OutputSpec checked(
      String type, TreeMap<String, String> attrs, @Nullable String destination) {
    return switch (type) {
      case "local" -> {
        if (destination == null || destination.isEmpty() || destination.equals(STDOUT)) {
          throw new UsageException("--output: type=local needs a directory: type=local,dest=DIR");
        }
        if (!List.of("", "copy", "delete").contains(mode(attrs))) {
          throw new UsageException(
              "--output: unknown mode '" + attrs.get("mode") + "'; known are copy, delete");
        }
        yield new OutputSpec(type, attrs, destination);
      }
      case "tar", "oci", "docker" -> {
        boolean none = destination == null || destination.isEmpty() || destination.equals(STDOUT);
        var output = new OutputSpec(type, attrs, none ? STDOUT : destination);
        if (none && output.layout()) {
          throw new UsageException(
              "--output: tar=false needs a directory: type=" + type + ",tar=false,dest=DIR");
        }
        yield output;
      }
      case "image", "registry", "cacheonly" -> {
        if (destination != null) {
          throw new UsageException("--output: type=" + type + " takes no 'dest'");
        }
        if (type.equals("registry")) {
          attrs.putIfAbsent("push", "true");
        }
        yield new OutputSpec(type.equals("registry") ? "image" : type, attrs, null);
      }
      default ->
          throw new UsageException(
              "--output: unknown type '"
                  + type
                  + "'"
                  + Suggestion.of(type, TYPES)
                  + "; known are "
                  + String.join(", ", TYPES));
    };
  }
}
