package dev.jbuild.cli;

import dev.jbuild.cli.client.GrpcEngines;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/** The program {@code jbuild}. The only place that touches the process itself. */
public final class Jbuild {
  private static final int BUFFER_BYTES = 8192;

  private Jbuild() {}

  public static void main(String[] args) {
    Map<String, String> env = System.getenv();
    var signals = new SignalCancellation();
    PrintStream err = stream(FileDescriptor.err);
    Path directory = Path.of("").toAbsolutePath();
    var context =
        new CliContext(
            System.in,
            stream(FileDescriptor.out),
            err,
            env,
            directory,
            new ProcessTerminal(env),
            Clock.systemUTC(),
            signals,
            new GrpcEngines(directory, env, notice -> notice(err, notice)));
    String name = System.getProperty("jbuild.name", "jbuild");
    int code = new CommandLineInterface(context, name).run(args);
    System.exit(code);
  }

  private static void notice(PrintStream err, String text) {
    err.println(text);
    err.flush();
  }

  /** Buffered, so that a frame is one write; every user of a stream flushes it. */
  private static PrintStream stream(FileDescriptor descriptor) {
    var out = new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER_BYTES);
    return new PrintStream(out, false, StandardCharsets.UTF_8);
  }
}
