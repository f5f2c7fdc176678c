package dev.jbuild.cli;

import dev.jbuild.cli.build.BuildOptions;
import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.build.CallFlag;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** What a build ended with, by response key. Source: reference wire-control, "Response keys". */
record BuildResult(Map<String, String> response) {
  private static final String CONFIG_DIGEST = "containerimage.config.digest";
  private static final String DIGEST = "containerimage.digest";

  /** Writes the files that were asked for and says the rest on the streams. */
  void report(BuildOptions options, BuildPlan plan, boolean stdoutTaken, CliContext context) {
    String id = response.getOrDefault(CONFIG_DIGEST, response.getOrDefault(DIGEST, ""));
    if (options.iidFile() != null) {
      if (id.isEmpty()) {
        throw new BuildException(
            Code.INVALID, "--iidfile: the build has no image; its outputs are files only");
      }
      write(context.directory(), "--iidfile", options.iidFile(), id);
    }
    if (options.metadataFile() != null) {
      write(
          context.directory(),
          "--metadata-file",
          options.metadataFile(),
          MetadataJson.of(response));
    }
    boolean quiet = options.progress() == BuildOptions.ProgressMode.QUIET;
    if (quiet && !stdoutTaken && !id.isEmpty()) {
      context.out().print(id + "\n");
    }
    if (plan.outputs().isEmpty() && !quiet && options.outputs().isEmpty()) {
      context
          .err()
          .println("note: the result is only in the cache; keep it with -t NAME or -o DIR");
    }
  }

  /** Prints what the frontend answered; gives the exit code that it names. */
  int answer(CallFlag call, CliContext context) {
    String text = response.get(call.json() ? "result.json" : "result.txt");
    if (text == null) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          "--call: the daemon's frontend does not answer '" + call.kind().requestId() + "'");
    }
    context.out().print(text.endsWith("\n") || text.isEmpty() ? text : text + "\n");
    String code = response.getOrDefault("result.statuscode", "0");
    return code.matches("[0-9]{1,3}") ? Integer.parseInt(code) : 1;
  }

  private static void write(Path directory, String flag, String file, String text) {
    try {
      Files.writeString(directory.resolve(file), text);
    } catch (IOException e) {
      throw new BuildException(
          Code.FAILED, flag + ": '" + file + "' could not be written: " + e, e);
    }
  }
}
