package dev.jbuild.cli.build;

import java.util.List;

/**
 * What the frontend is asked: to build, or about the file. Source: docker's reference of {@code
 * buildx build --call}.
 *
 * @param kind what is wanted
 * @param json whether the answer is printed as JSON
 */
public record CallFlag(Kind kind, boolean json) {

  /** An ordinary build. */
  public static final CallFlag BUILD = new CallFlag(Kind.BUILD, false);

  /** {@code --check}. */
  public static final CallFlag CHECK = new CallFlag(Kind.CHECK, false);

  /** What can be asked. */
  public enum Kind {
    BUILD(""),
    CHECK("frontend.lint"),
    OUTLINE("frontend.outline"),
    TARGETS("frontend.targets");

    private final String requestId;

    Kind(String requestId) {
      this.requestId = requestId;
    }

    /** The frontend's name of the request; empty for a build. */
    public String requestId() {
      return requestId;
    }
  }

  /** Reads {@code check}, {@code outline,format=json}. */
  public static CallFlag parse(String text) {
    List<String> fields = List.of(text.split(",", -1));
    boolean json = false;
    for (String field : fields.subList(1, fields.size())) {
      if (!field.equals("format=json") && !field.equals("format=text")) {
        throw new UsageException("--call: unknown option '" + field + "'; known is format=json");
      }
      json = field.equals("format=json");
    }
    return switch (fields.get(0)) {
      case "build" -> BUILD;
      case "check", "lint" -> new CallFlag(Kind.CHECK, json);
      case "outline" -> new CallFlag(Kind.OUTLINE, json);
      case "targets" -> new CallFlag(Kind.TARGETS, json);
      default ->
          throw new UsageException(
              "--call: unknown kind '"
                  + fields.get(0)
                  + "'"
                  + Suggestion.of(fields.get(0), List.of("build", "check", "outline", "targets"))
                  + "; known are build, check, outline, targets");
    };
  }

  /** Whether nothing is built. */
  public boolean asks() {
    return kind != Kind.BUILD;
  }
}
