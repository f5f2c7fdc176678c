package dev.jbuild.cli.e2e;

import dev.jbuild.cli.Cancellation;
import dev.jbuild.cli.CliContext;
import dev.jbuild.cli.CommandLineInterface;
import dev.jbuild.cli.Terminal;
import dev.jbuild.cli.client.GrpcEngines;
import dev.jbuild.linux.libc.LibcKernel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;

/**
 * A machine that builds: a state directory and a directory for contexts and outputs, both below one
 * temporary directory. Runs the real command line in this JVM. Made once for a test class; its
 * methods may be called by several threads, each run of the command line is its own.
 */
final class BuildHost {
  /** Name of the image that {@link #makeBase} stores. */
  static final String BASE = "base";

  private static final int CAP_SYS_ADMIN = 21;

  private final Path work;
  private final AtomicInteger contexts = new AtomicInteger();

  private BuildHost(Path work) {
    this.work = work;
  }

  /** A host below a directory; skips the test class where steps can not run. */
  static BuildHost at(Path work) throws IOException {
    Assumptions.assumeTrue(
        (new LibcKernel().effectiveCapabilities() >> CAP_SYS_ADMIN & 1) == 1,
        "skipped: the right CAP_SYS_ADMIN is missing; run the tests as root");
    for (String program : List.of("crun", "nft", "ip", "busybox")) {
      Commands.assumed(program);
    }
    Files.createDirectories(work.resolve("state"));
    return new BuildHost(work);
  }

  /** A host whose store has the image {@link #BASE}. */
  static BuildHost withBase(Path work) throws IOException {
    BuildHost host = at(work);
    host.makeBase();
    return host;
  }

  /** Builds the image {@link #BASE}: the programs of this machine's busybox. */
  void makeBase() throws IOException {
    Path context =
        context(
            """
            FROM scratch
            COPY busybox /bin/busybox
            RUN ["/bin/busybox", "--install", "-s", "/bin"]
            """);
    Files.copy(Commands.assumed("busybox"), context.resolve("busybox"));
    jbuild("build", "-t", BASE, context.toString()).succeeded();
  }

  /** The state directory of the engine in this process. */
  Path root() {
    return work.resolve("state");
  }

  /** Where relative paths of the command line start. */
  Path work() {
    return work;
  }

  /** A new context directory with this Dockerfile. */
  Path context(String dockerfile) throws IOException {
    Path context = Files.createDirectories(work.resolve("context-" + contexts.incrementAndGet()));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return context;
  }

  /** Builds a Dockerfile without further files, with plain progress. */
  Outcome build(String dockerfile, String... flags) throws IOException {
    return build(context(dockerfile), flags);
  }

  /** Builds a context with plain progress. */
  Outcome build(Path context, String... flags) {
    var args = new ArrayList<String>(List.of("build", "--progress=plain"));
    args.addAll(List.of(flags));
    args.add(context.toString());
    return jbuild(args.toArray(String[]::new));
  }

  /** Builds, which must succeed, and gives the root directory of the result. */
  Path exported(String dockerfile, String... flags) throws IOException {
    Path context = context(dockerfile);
    Path result = work.resolve(context.getFileName() + "-result");
    var all = new ArrayList<String>(List.of(flags));
    all.add("--output=type=local,dest=" + result);
    build(context, all.toArray(String[]::new)).succeeded();
    return result;
  }

  /** Runs the command line with these arguments on the state of this host. */
  Outcome jbuild(String... args) {
    return jbuild(new NeverCancelled(), args);
  }

  /** The same with a user who may cancel. */
  Outcome jbuild(Cancellation cancellation, String... args) {
    return jbuild("", Map.of("JBUILD_ROOT", root().toString()), cancellation, args);
  }

  /** The same with a text on standard input, and with nothing said about the state directory. */
  Outcome jbuild(String in, Map<String, String> env, String... args) {
    return jbuild(in, env, new NeverCancelled(), args);
  }

  private Outcome jbuild(
      String in, Map<String, String> given, Cancellation cancellation, String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var env = new HashMap<String, String>(given);
    env.put("HOME", work.toString());
    PrintStream errors = new PrintStream(err, true, StandardCharsets.UTF_8);
    var context =
        new CliContext(
            new ByteArrayInputStream(in.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            errors,
            env,
            work,
            new NoTerminal(),
            Clock.systemUTC(),
            cancellation,
            new GrpcEngines(work, env, errors::println));
    int code = new CommandLineInterface(context).run(args);
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** Names in a directory of the state, sorted; none if it is not there. */
  List<String> stateFiles(String directory) throws IOException {
    Path at = root().resolve(directory);
    if (!Files.isDirectory(at, LinkOption.NOFOLLOW_LINKS)) {
      return List.of();
    }
    try (var entries = Files.list(at)) {
      return entries.map(entry -> String.valueOf(entry.getFileName())).sorted().toList();
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
}
