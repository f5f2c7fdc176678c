package dev.jbuild.dockerfile.lint;

/** What is remarked on. Names are the field's, so that users can look them up and skip them. */
public enum Rule {
  DUPLICATE_STAGE_NAME("DuplicateStageName", "two stages with one name: the later one is meant"),
  JSON_ARGS_RECOMMENDED(
      "JSONArgsRecommended",
      "a command in shell form runs below a shell that does not pass signals on"),
  LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "name=value reads better than 'name value'"),
  MAINTAINER_DEPRECATED(
      "MaintainerDeprecated", "the label org.opencontainers.image.authors took its place"),
  NO_EMPTY_CONTINUATION(
      "NoEmptyContinuation", "an empty line inside an instruction will become an error"),
  UNDEFINED_ARG_IN_FROM(
      "UndefinedArgInFrom", "FROM sees only ARGs that come before the first FROM"),
  UNDEFINED_VAR("UndefinedVar", "a variable that is not set expands to nothing"),
  WORKDIR_RELATIVE_PATH(
      "WorkdirRelativePath", "a relative path depends on what the base image has set");

  private final String id;
  private final String description;

  Rule(String id, String description) {
    this.id = id;
    this.description = description;
  }

  /** The name to show and to skip by. */
  public String id() {
    return id;
  }

  /** One sentence that says why it matters. */
  public String description() {
    return description;
  }
}
