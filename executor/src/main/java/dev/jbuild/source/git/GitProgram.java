package dev.jbuild.source.git;

import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import dev.jbuild.registry.TransferProgress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * The git program of this machine, kept apart from its users: no configuration but ours, no hooks,
 * no questions, only transports that lead to other machines.
 */
final class GitProgram {
  private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int MAX_OUTPUT_BYTES = 1 << 20;
  private static final int MAX_LINES = 20;
  private static final int MAX_LINE = 500;
  private static final long MAX_HOURS = 1;
  private static final String WITH_UMASK = "umask 022; exec \"$0\" \"$@\"";

  private static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("core.hooksPath", "/dev/null"),
          Map.entry("core.fsmonitor", "false"),
          Map.entry("core.autocrlf", "false"),
          Map.entry("credential.helper", ""),
          Map.entry("gc.auto", "0"),
          Map.entry("maintenance.auto", "false"),
          Map.entry("protocol.version", "2"),
          Map.entry("safe.directory", "*"),
          Map.entry("http.lowSpeedLimit", "1000"),
          Map.entry("http.lowSpeedTime", "60"),
          Map.entry("advice.detachedHead", "false"),
          Map.entry("init.defaultBranch", "main"));

  private final String source;
  private final Path directory;
  private final Map<String, String> environment;
  private final Executor threads;
  private final TransferProgress progress;

  /**
   * @param source for messages: the repository's URL
   * @param directory that git runs in
   * @param settings of git's configuration, added to ours
   * @param more variables
   * @param threads reads what git says; tasks block
   */
  GitProgram(
      String source,
      Path directory,
      Map<String, String> settings,
      Map<String, String> more,
      Executor threads,
      TransferProgress progress) {
    this.source = source;
    this.directory = directory;
    this.threads = threads;
    this.progress = progress;
    this.environment = environment(settings, more);
  }

  /** Settings go by variables: what is secret in them is in no command line. */
  private static Map<String, String> environment(
      Map<String, String> settings, Map<String, String> more) {
    var all = new TreeMap<String, String>();
    all.put("PATH", PATH);
    all.put("HOME", "/nonexistent");
    all.put("LC_ALL", "C");
    all.put("GIT_CONFIG_NOSYSTEM", "1");
    all.put("GIT_CONFIG_GLOBAL", "/dev/null");
    all.put("GIT_TERMINAL_PROMPT", "0");
    all.put("GIT_ALLOW_PROTOCOL", "https:http:ssh:git");
    var entries = new TreeMap<String, String>(SETTINGS);
    entries.putAll(settings);
    int index = 0;
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      all.put("GIT_CONFIG_KEY_" + index, entry.getKey());
      all.put("GIT_CONFIG_VALUE_" + index, entry.getValue());
      index++;
    }
    all.put("GIT_CONFIG_COUNT", Integer.toString(index));
    all.putAll(more);
    return all;
  }

  /** The program, or a failure that tells what to install. */
  private String program() {
    for (String place : PATH.split(":", -1)) {
      Path candidate = Path.of(place, "git");
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    throw new BuildException(
        Code.UNAVAILABLE,
        "git source '"
            + source
            + "': the program git is not installed on the machine that builds: install it, or put"
            + " the files into the build context");
  }

  /** What git has written and how it ended. */
  record Ended(int code, Bytes output, List<String> errors) {
    Ended {
      errors = List.copyOf(errors);
    }

    boolean says(String text) {
      return errors.stream().anyMatch(line -> line.contains(text));
    }
  }

  /**
   * Runs git and gives what it writes.
   *
   * @throws BuildException when it ends with another code than 0
   */
  String run(String... arguments) throws IOException, InterruptedException {
    return read(arguments).toUtf8();
  }

  /** The same, as bytes: at most 1 MiB. */
  Bytes read(String... arguments) throws IOException, InterruptedException {
    Ended ended = attempt(arguments);
    if (ended.code() != 0) {
      throw failure(ended, arguments[0]);
    }
    return ended.output();
  }

  /** Runs git, whatever comes of it. Interruption kills it with all that it has started. */
  Ended attempt(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("/bin/sh", "-c", WITH_UMASK, program()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.redirectInput(Path.of("/dev/null").toFile());
    builder.environment().clear();
    builder.environment().putAll(environment);
    Process process = builder.start();
    var errors = CompletableFuture.supplyAsync(() -> lines(process), threads);
    var output = CompletableFuture.supplyAsync(() -> output(process), threads);
    try {
      if (!process.waitFor(MAX_HOURS, TimeUnit.HOURS)) {
        throw new BuildException(
            Code.UNAVAILABLE,
            "git source '" + source + "': git " + arguments[0] + " took more than an hour");
      }
      return new Ended(process.exitValue(), output.join(), errors.join());
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Bytes output(Process process) {
    try (InputStream in = process.getInputStream()) {
      Bytes bytes = Bytes.copyOf(in.readNBytes(MAX_OUTPUT_BYTES));
      in.transferTo(OutputStream.nullOutputStream());
      return bytes;
    } catch (IOException killed) {
      return Bytes.empty();
    }
  }

  private List<String> lines(Process process) {
    var last = new ArrayList<String>();
    try (var in =
        new BufferedReader(
            new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
      for (String line; (line = in.readLine()) != null; ) {
        String text = line.length() > MAX_LINE ? line.substring(0, MAX_LINE) : line;
        progress.note(text);
        last.add(text);
        if (last.size() > MAX_LINES) {
          last.removeFirst();
        }
      }
    } catch (IOException killed) {
      return last;
    }
    return last;
  }

  BuildException failure(Ended ended, String what) {
    String where = "git source '" + source + "': ";
    if (ended.says("could not read Username")
        || ended.says("Authentication failed")
        || ended.says("Permission denied (publickey")) {
      return new BuildException(
          Code.UNAUTHENTICATED,
          where
              + "the server wants credentials, or there is no such repository: build with --secret"
              + " id=GIT_AUTH_TOKEN,env=VARIABLE, or for ssh with --ssh default");
    }
    String reason =
        ended.errors().stream()
            .filter(line -> line.startsWith("fatal:") || line.startsWith("error:"))
            .findFirst()
            .orElse(ended.errors().isEmpty() ? "" : ended.errors().getLast());
    boolean missing = ended.says("not found") || ended.says("does not exist");
    return new BuildException(
        missing ? Code.NOT_FOUND : Code.UNAVAILABLE,
        where
            + "git "
            + what
            + " ended with code "
            + ended.code()
            + (reason.isEmpty() ? "" : ": " + reason));
  }
}
