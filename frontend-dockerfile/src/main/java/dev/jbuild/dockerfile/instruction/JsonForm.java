package dev.jbuild.dockerfile.instruction;

import dev.jbuild.dockerfile.parse.Fragment;
import dev.jbuild.dockerfile.parse.SourceFile;
import dev.jbuild.oci.json.Json;
import dev.jbuild.oci.json.JsonText;
import dev.jbuild.oci.json.OciFormatException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arguments given as a JSON array of strings. */
final class JsonForm {
  private JsonForm() {}

  /**
   * The strings, or null for text that is no JSON array: it is meant for the shell then.
   *
   * @throws dev.jbuild.error.BuildException INVALID for an array of other things than strings
   */
  static @Nullable List<String> read(SourceFile file, Fragment arguments) {
    if (arguments.isEmpty() || arguments.charAt(0) != '[') {
      return null;
    }
    Json json;
    try {
      json = JsonText.parse(arguments.text());
    } catch (OciFormatException e) {
      return null;
    }
    if (!(json instanceof Json.Arr array)) {
      return null;
    }
    var strings = new ArrayList<String>();
    for (Json item : array.items()) {
      if (!(item instanceof Json.Text text)) {
        throw file.error(arguments.range(), "a JSON array of arguments must hold only strings");
      }
      strings.add(text.value());
    }
    return strings;
  }

  /** Exec form where it is JSON, else shell form. */
  static CommandLine command(SourceFile file, Fragment arguments) {
    List<String> args = read(file, arguments);
    return args == null
        ? new CommandLine.ShellForm(arguments.text())
        : new CommandLine.ExecForm(args);
  }
}
