package dev.jbuild.dockerfile.lint;

import java.util.ArrayList;
import java.util.List;

/**
 * What is remarked on. Names are the field's, so that users can look them up and skip them; those
 * about networks are jbuild's own.
 */
public enum Rule {
  CONSISTENT_INSTRUCTION_CASING(
      "ConsistentInstructionCasing", "instructions of one file read best in one case"),
  COPY_IGNORED_FILE(
      "CopyIgnoredFile",
      "what the ignore file leaves out never reaches the build, so no copy has it"),
  DUPLICATE_STAGE_NAME("DuplicateStageName", "two stages with one name: the later one is meant"),
  EXPOSE_INVALID_FORMAT(
      "ExposeInvalidFormat",
      "EXPOSE tells ports of the container; addresses and ports of the host are set when it runs"),
  EXPOSE_PROTO_CASING("ExposeProtoCasing", "protocols are written in small letters"),
  FROM_AS_CASING("FromAsCasing", "FROM and AS read best in the same case"),
  FROM_PLATFORM_FLAG_CONST_DISALLOWED(
      "FromPlatformFlagConstDisallowed",
      "a fixed platform makes every build of the stage one for that platform"),
  INVALID_BASE_IMAGE_PLATFORM(
      "InvalidBaseImagePlatform", "an image of another platform may not run, or run slowly"),
  INVALID_DEFAULT_ARG_IN_FROM(
      "InvalidDefaultArgInFrom", "the file cannot be built without giving this build argument"),
  INVALID_DEFINITION_DESCRIPTION(
      "InvalidDefinitionDescription",
      "a comment right above FROM or ARG describes it, and then begins with its name"),
  JSON_ARGS_RECOMMENDED(
      "JSONArgsRecommended",
      "a command in shell form runs below a shell that does not pass signals on"),
  LEGACY_KEY_VALUE_FORMAT("LegacyKeyValueFormat", "name=value reads better than 'name value'"),
  LOCALHOST_IN_DEFAULT_NETWORK(
      "LocalhostInDefaultNetwork",
      "a step has a network of its own, where localhost is the step and not the machine around it"),
  MAINTAINER_DEPRECATED(
      "MaintainerDeprecated", "the label org.opencontainers.image.authors took its place"),
  MULTIPLE_INSTRUCTIONS_DISALLOWED(
      "MultipleInstructionsDisallowed", "an image has one of these: the last one of a stage"),
  NETWORK_TOOL_WITHOUT_NETWORK(
      "NetworkToolWithoutNetwork", "with network mode none a step reaches nothing but itself"),
  NO_EMPTY_CONTINUATION(
      "NoEmptyContinuation", "an empty line inside an instruction will become an error"),
  REDUNDANT_TARGET_PLATFORM(
      "RedundantTargetPlatform", "stages are built for the target platform anyway"),
  RESERVED_STAGE_NAME(
      "ReservedStageName", "the names scratch and context mean something else already"),
  SECRETS_USED_IN_ARG_OR_ENV(
      "SecretsUsedInArgOrEnv",
      "values of ARG and ENV stay in the image and its history; RUN --mount=type=secret does not"),
  STAGE_NAME_CASING("StageNameCasing", "stage names are found in small letters"),
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

  /** Whether it is off until asked for. */
  public boolean experimental() {
    return this == INVALID_DEFINITION_DESCRIPTION;
  }

  /** The names of all rules. */
  public static List<String> ids() {
    var ids = new ArrayList<String>();
    for (Rule rule : values()) {
      ids.add(rule.id);
    }
    return ids;
  }
}
