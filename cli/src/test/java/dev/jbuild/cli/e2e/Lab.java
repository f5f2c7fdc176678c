package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/**
 * A host to build on, whose state outlives nothing: with programs in other JVMs, which can be
 * killed, and a view of the machine's processes.
 *
 * @param host with {@link #MARK} in its paths
 */
record Lab(BuildHost host) implements AutoCloseable {
  /** In the path of each state directory, so that what is left of it can be told. */
  static final String MARK = "jbuild-life-";

  /** Skips the test where a step can not run; makes the directory and the image {@code base}. */
  static Lab open() throws IOException {
    Lab lab = empty();
    lab.host().makeBase();
    return lab;
  }

  static Lab empty() throws IOException {
    Path directory = Files.createTempDirectory(MARK);
    try {
      return new Lab(BuildHost.at(directory));
    } catch (TestAbortedException skipped) {
      Files.delete(directory);
      throw skipped;
    }
  }

  /** What came out of a run of the program. */
  record Run(int exit, String out, String err) {
    Run succeeds() {
      assertEquals(0, exit, err);
      return this;
    }

    /** The lines of standard error that are not progress; all that a failed build says. */
    List<String> said() {
      return err.lines().filter(line -> !line.startsWith("#") && !line.isBlank()).toList();
    }

    /** The last line, where the error is. */
    String error() {
      return said().isEmpty() ? "" : said().get(said().size() - 1);
    }

    /** The name of a step whose progress has the line {@code #3 CACHED}, as with others. */
    boolean cached(String step) {
      return progress(step, "CACHED");
    }

    boolean done(String step) {
      return progress(step, "DONE");
    }

    private boolean progress(String step, String word) {
      for (String line : err.lines().toList()) {
        if (line.startsWith("#") && line.endsWith(step)) {
          String number = line.substring(0, line.indexOf(' '));
          return err.lines().anyMatch(other -> other.startsWith(number + " " + word));
        }
      }
      throw new AssertionError("no step '" + step + "' in:\n" + err);
    }
  }

  Path directory() {
    return host.work();
  }

  Path root() {
    return host.root();
  }

  /** A new directory with a Dockerfile. */
  Path context(String name, String dockerfile) throws IOException {
    Path context = Files.createDirectories(directory().resolve(name));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return context;
  }

  Run build(Path context, String... flags) {
    var args = new ArrayList<String>();
    args.addAll(List.of("--root", root().toString(), "build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return run("", args.toArray(String[]::new));
  }

  Run run(String in, String... args) {
    return run(in, Map.of(), args);
  }

  /** Runs the command line in this JVM. */
  Run run(String in, Map<String, String> env, String... args) {
    Outcome outcome = host.jbuild(in, env, args);
    return new Run(outcome.code(), outcome.out(), outcome.err());
  }

  /** The program in a JVM of its own, {@code dev.jbuild.cli.Jbuild} or the daemon's class. */
  Process start(String program, String... args) throws IOException {
    return startFrom(Path.of("/dev/null"), program, args);
  }

  Process startFrom(Path in, String program, String... args) throws IOException {
    return program(program, args).redirectInput(in.toFile()).start();
  }

  /** A JVM of its own, not yet started, whose words go to {@link #output}. */
  ProcessBuilder program(String program, String... args) {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            program));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory().toFile());
    return builder.redirectOutput(
        ProcessBuilder.Redirect.appendTo(directory().resolve("output").toFile()));
  }

  Process startBuild(Path context, String... flags) throws IOException {
    var args = new ArrayList<String>();
    args.addAll(List.of("--root", root().toString(), "build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return start("dev.jbuild.cli.Jbuild", args.toArray(String[]::new));
  }

  String address() {
    return "unix://" + directory().resolve("sock");
  }

  /** A daemon over this state directory, once it listens. */
  Process startDaemon() throws IOException, InterruptedException {
    Path output = directory().resolve("output");
    Files.deleteIfExists(output);
    Process daemon =
        start("dev.jbuild.daemon.Jbuildd", "--root", root().toString(), "--addr", address());
    boolean listens =
        Deadline.seconds(60)
            .until(() -> !daemon.isAlive() || output().contains(" listens at " + address()));
    if (!listens || !daemon.isAlive()) {
      daemon.destroyForcibly();
      throw new AssertionError("jbuildd did not start:\n" + output());
    }
    return daemon;
  }

  /** What the programs in other JVMs have said. */
  String output() throws IOException {
    Path file = directory().resolve("output");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  static void end(Process process) throws InterruptedException {
    process.destroy();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the process did not end");
    }
  }

  /** A client of the daemon; its Dockerfile is all of its context. */
  Process startRemote(Path context) throws IOException {
    return startFrom(
        context.resolve("Dockerfile"),
        "dev.jbuild.cli.Jbuild",
        "--addr",
        address(),
        "build",
        "--progress=plain",
        "-");
  }

  /** Builds through the daemon; the Dockerfile is all of the context. */
  Run remote(String dockerfile, String... flags) {
    var args = new ArrayList<String>();
    args.addAll(List.of("--addr", address(), "build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add("-");
    return run(dockerfile, args.toArray(String[]::new));
  }

  /** Removes all files; what the kernel still holds is for {@link ZzLeftoversIT} to find. */
  @Override
  public void close() throws IOException {
    try {
      Commands.exec("rm", "-rf", "--one-file-system", directory().toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Processes anywhere on this machine that have the mark in their command line. */
  static List<String> processes(String mark) throws IOException {
    var found = new ArrayList<String>();
    try (var entries = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path entry : entries) {
        String command;
        try {
          command = Files.readString(entry.resolve("cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
          continue;
        }
        if (command.contains(mark)) {
          found.add(entry.getFileName() + " " + command.replace('\0', ' '));
        }
      }
    }
    return found;
  }
}
