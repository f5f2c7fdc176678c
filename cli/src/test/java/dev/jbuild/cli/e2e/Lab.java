package dev.jbuild.cli.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.cli.Cancellation;
import dev.jbuild.cli.CliContext;
import dev.jbuild.cli.CommandLineInterface;
import dev.jbuild.cli.Terminal;
import dev.jbuild.cli.client.GrpcEngines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A state directory, files for contexts, and the program to build with, in this JVM and in others.
 *
 * @param directory of all of it; its path has {@link #MARK} in it
 */
record Lab(Path directory) implements AutoCloseable {
  /** In the path of each state directory, so that what is left of it can be told. */
  static final String MARK = "jbuild-life-";

  private static final Path BUSYBOX = Path.of("/bin/busybox");
  private static final List<String> COMMANDS =
      List.of(
          "sh", "cat", "cp", "dd", "echo", "false", "head", "id", "ls", "mkdir", "rm", "seq",
          "setsid", "sleep", "stat", "test", "touch", "true", "wc");

  /** Skips the test where a step can not run; makes the directory and the image {@code base}. */
  static Lab open() throws IOException, InterruptedException {
    Lab lab = empty();
    lab.makeBase("--root", lab.root().toString());
    return lab;
  }

  static Lab empty() throws IOException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")), "not root: steps need mounts and groups");
    assumeTrue(Files.isExecutable(BUSYBOX), "no /bin/busybox: Debian's busybox-static is missing");
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/crun"))
            || Files.isExecutable(Path.of("/usr/bin/runc")),
        "no OCI runtime: install crun");
    assumeTrue(Files.isExecutable(Path.of("/usr/sbin/nft")), "no nft: install nftables");
    return new Lab(Files.createTempDirectory(MARK));
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

  Path root() {
    return directory.resolve("root");
  }

  /** A new directory with a Dockerfile. */
  Path context(String name, String dockerfile) throws IOException {
    Path context = Files.createDirectories(directory.resolve(name));
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
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    var results = new PrintStream(out, true, StandardCharsets.UTF_8);
    var context =
        new CliContext(
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            results,
            errors,
            env,
            directory,
            new NoTerminal(),
            Clock.systemUTC(),
            new NeverCancelled(),
            new GrpcEngines(directory, env, errors::println));
    int exit = new CommandLineInterface(context).run(args);
    results.flush();
    errors.flush();
    return new Run(
        exit, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private void makeBase(String... where) throws IOException, InterruptedException {
    Path context = context("base", "FROM scratch\nCOPY tree /\nENV PATH=/bin\n");
    Path tree = context.resolve("tree");
    for (String name : List.of("bin", "tmp", "etc", "proc", "sys", "dev")) {
      Files.createDirectories(tree.resolve(name));
    }
    Files.copy(BUSYBOX, tree.resolve("bin/busybox"));
    for (String command : COMMANDS) {
      Files.createSymbolicLink(tree.resolve("bin").resolve(command), Path.of("busybox"));
    }
    Files.writeString(tree.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    var args = new ArrayList<String>(List.of(where));
    args.addAll(List.of("build", "--progress=plain", "-t", "base", context.toString()));
    run("", args.toArray(String[]::new)).succeeds();
  }

  /** The program in a JVM of its own, {@code dev.jbuild.cli.Jbuild} or the daemon's class. */
  Process start(String program, String... args) throws IOException {
    return startFrom(Path.of("/dev/null"), program, args);
  }

  Process startFrom(Path in, String program, String... args) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            program));
    command.addAll(List.of(args));
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(directory.toFile());
    builder.redirectInput(in.toFile());
    builder.redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("output").toFile()));
    return builder.start();
  }

  Process startBuild(Path context, String... flags) throws IOException {
    var args = new ArrayList<String>();
    args.addAll(List.of("--root", root().toString(), "build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return start("dev.jbuild.cli.Jbuild", args.toArray(String[]::new));
  }

  String address() {
    return "unix://" + directory.resolve("sock");
  }

  /** A daemon over this state directory, once it listens. */
  Process startDaemon() throws IOException, InterruptedException {
    Path output = directory.resolve("output");
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
    Path file = directory.resolve("output");
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
      Commands.exec("rm", "-rf", "--one-file-system", directory.toString());
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

  private record NoTerminal() implements Terminal {
    @Override
    public boolean drawable() {
      return false;
    }

    @Override
    public boolean outputIsTerminal() {
      return false;
    }

    @Override
    public int columns() {
      return 80;
    }

    @Override
    public int rows() {
      return 24;
    }
  }

  private record NeverCancelled() implements Cancellation {
    @Override
    public Registration onCancel(Runnable action) {
      return () -> {};
    }

    @Override
    public boolean cancelled() {
      return false;
    }
  }
}
