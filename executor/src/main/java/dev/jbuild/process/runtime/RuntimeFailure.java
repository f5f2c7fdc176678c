package dev.jbuild.process.runtime;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.process.runtime.OciRuntime.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells the runtime's own failures from the exit codes of steps, and says what the user can do.
 *
 * <p>The runtime writes its failures to a log file. What fails after it has given up that file, in
 * the last moment before the step's program runs, is one line on the step's standard error.
 */
final class RuntimeFailure {
  private static final Set<Integer> RUNTIME_CODES = Set.of(1, 125, 126, 127, 255);
  private static final int MAX_LOG_BYTES = 16_384;

  /** Last words of crun, and of runc. */
  private static final Pattern LAST_WORDS =
      Pattern.compile(
          "(?:exec container process(?: \\(missing dynamic library\\?\\))? `(?<crun>[^`]*)`"
              + "|(?:exec(?: failed:)?) \"?(?<runc>/[^:\"]*)\"?)"
              + ": (?<why>[A-Za-z ]+)\\s*");

  private static final Pattern RUNC_MESSAGE = Pattern.compile("\"msg\":\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final Kernel kernel;
  private final Kind kind;

  RuntimeFailure(Kernel kernel, Kind kind) {
    this.kernel = kernel;
    this.kind = kind;
  }

  /** What is known of a step that ended. */
  record Ended(
      int code,
      Path log,
      Path rootfs,
      List<String> args,
      List<String> env,
      long stdoutBytes,
      long stderrBytes,
      String stderr) {
    Ended {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }
  }

  /** The failure, or empty when the code is the step's own. */
  Optional<BuildException> of(Ended ended) throws IOException {
    if (!RUNTIME_CODES.contains(ended.code())) {
      return Optional.empty();
    }
    String message = logged(ended.log());
    if (!message.isEmpty()) {
      return Optional.of(explain(message, ended));
    }
    if (ended.stdoutBytes() == 0 && ended.stderr().length() == ended.stderrBytes()) {
      Matcher words = LAST_WORDS.matcher(ended.stderr());
      if (words.matches()) {
        String crun = words.group("crun");
        String program = crun == null ? words.group("runc") : crun;
        return Optional.of(notExecuted(program, words.group("why").strip(), ended));
      }
    }
    return Optional.empty();
  }

  /** The runtime's last error, or nothing. */
  private String logged(Path log) throws IOException {
    String text;
    try (var in = Files.newInputStream(log)) {
      text = new String(in.readNBytes(MAX_LOG_BYTES), StandardCharsets.UTF_8);
    } catch (NoSuchFileException none) {
      return "";
    }
    if (kind == Kind.CRUN) {
      return text.strip();
    }
    String last = "";
    for (String line : text.lines().toList()) {
      Matcher message = RUNC_MESSAGE.matcher(line);
      if (line.contains("\"level\":\"error\"") && message.find()) {
        last = message.group(1).replace("\\\"", "\"").replace("\\\\", "\\");
      }
    }
    return last;
  }

  private BuildException explain(String message, Ended ended) {
    String command = ended.args().getFirst();
    if (message.contains("executable file")
        || message.contains("stat " + command + ": no such file")) {
      return notFound(command, ended);
    }
    if (message.contains("open executable: ") || message.endsWith("permission denied")) {
      return new BuildException(
          Code.INVALID,
          "exec: \""
              + command
              + "\": permission denied: it is not an executable file for the user"
              + " of the step");
    }
    return new BuildException(
        Code.FAILED, kind.command() + " could not start the step: " + message);
  }

  private static BuildException notFound(String command, Ended ended) {
    if (command.contains("/")) {
      return new BuildException(
          Code.NOT_FOUND,
          "exec: \"" + command + "\": no such file in the root file system of the step");
    }
    return new BuildException(
        Code.NOT_FOUND,
        "exec: \""
            + command
            + "\": executable file not found in $PATH (PATH="
            + StepEnvironment.path(ended.env())
            + ")");
  }

  private BuildException notExecuted(String program, String why, Ended ended) {
    String start = "exec: \"" + program + "\": ";
    return switch (why) {
      case "Exec format error", "exec format error" ->
          new BuildException(Code.INVALID, start + "exec format error: " + format(program, ended));
      case "No such file or directory", "no such file or directory" ->
          new BuildException(
              Code.NOT_FOUND,
              start
                  + "its interpreter is not in the root file system: the program after '#!' of a"
                  + " script, or the dynamic loader of a binary");
      case "Permission denied", "permission denied" ->
          new BuildException(
              Code.INVALID,
              start + "permission denied: it is not an executable file for the user of the step");
      default -> new BuildException(Code.FAILED, start + why);
    };
  }

  private String format(String program, Ended ended) {
    String own = ProgramHeader.ownMachine();
    try (var opened = kernel.openInRoot(ended.rootfs(), program)) {
      var machine = ProgramHeader.machine(opened.path());
      return machine
          .map(built -> "it is built for " + built + ", this machine is " + own)
          .orElse("it is no program of this machine (" + own + ") and has no line with '#!'");
    } catch (IOException elsewhere) {
      return "it is no program of this machine (" + own + ")";
    }
  }
}
