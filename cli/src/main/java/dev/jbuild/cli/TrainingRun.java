package dev.jbuild.cli;

import dev.jbuild.cli.client.GrpcEngines;
import dev.jbuild.cli.progress.Screen;
import dev.jbuild.daemon.EngineWiring;
import dev.jbuild.daemon.GrpcServer;
import dev.jbuild.daemon.Services;
import dev.jbuild.daemon.Wiring;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.error.BuildException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Executors;

/**
 * Runs what users run, on nothing, so that the virtual machine can note which classes that takes
 * (JEP 483, JEP 514) and how their methods go. Started once by the launcher; its output is thrown
 * away, and a command that fails here only trains less.
 */
final class TrainingRun {
  private static final int DIRECTORIES = 50;
  private static final int FILES = 100; // in each of them

  private TrainingRun() {}

  public static void main(String[] args) throws IOException {
    Path work = Files.createTempDirectory("jbuild-training");
    try {
      Files.createDirectory(work.resolve("context"));
      Files.writeString(work.resolve("context/file"), "content\n");
      Files.writeString(
          work.resolve("context/Dockerfile"),
          "FROM scratch AS base\nCOPY file /file\nFROM base\nENV A=b\nWORKDIR /w\nLABEL c=d\n");
      Files.writeString(
          work.resolve("context/Alone"), "FROM scratch\nWORKDIR /w\nENV A=b\nLABEL c=d\n");
      writeMany(work.resolve("many"));
      run(work, inProcess(work));
      overSocket(work);
    } finally {
      delete(work);
    }
  }

  /** So many that the compiler's notes of a context's way are ripe (JEP 515). */
  private static void writeMany(Path context) throws IOException {
    for (int i = 0; i < DIRECTORIES; i++) {
      Path directory = Files.createDirectories(context.resolve("d" + i));
      for (int k = 0; k < FILES; k++) {
        Files.writeString(directory.resolve("f" + k), "content " + i + " " + k + "\n");
      }
    }
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY . /\n");
  }

  private static void run(Path work, List<List<String>> commands) {
    for (List<String> command : commands) {
      new CommandLineInterface(context(work)).run(command.toArray(String[]::new));
    }
  }

  private static List<List<String>> inProcess(Path work) {
    String root = "--root=" + work.resolve("state");
    return List.of(
        List.of("version"),
        List.of("--help"),
        List.of("build", "--help"),
        List.of("build", "--nonsense"),
        List.of("build", root, "--progress=plain", "-t", "training", "context"),
        List.of("build", root, "--progress=tty", "context"),
        List.of("build", root, "-o", "type=oci,dest=out.tar", "context"),
        List.of("images", root));
  }

  /** Client and daemon in one: what either loads is noted. */
  private static void overSocket(Path work) throws IOException {
    var address = new ListenAddress.Unix(work.resolve("daemon.sock"));
    Path root = Files.createDirectory(work.resolve("served"));
    var config = DaemonConfig.defaults().inProcess(root, new TreeSet<>());
    try (Services services = Wiring.open(config, new EngineWiring());
        var handlers = Executors.newVirtualThreadPerTaskExecutor();
        var server =
            new GrpcServer(
                services.api().definitions(),
                config.server(),
                ClientLimits.of(List.of()),
                services.loops(),
                handlers)) {
      String addr = "--addr=" + server.listen(address);
      run(
          work,
          List.of(
              List.of("build", addr, "-f", "context/Alone", "-t", "training", "context"),
              List.of("build", addr, "-f", "context/Alone", "-t", "training", "context"),
              List.of("build", addr, "context"),
              List.of("build", addr, "many"),
              List.of("build", addr, "many")));
    } catch (BuildException e) {
      // Without an engine there is nothing to be noted of it.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static CliContext context(Path work) {
    var nowhere = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new CliContext(
        new ByteArrayInputStream(new byte[0]),
        nowhere,
        nowhere,
        Map.of(),
        work,
        new Dumb(),
        Clock.systemUTC(),
        new Never(),
        new GrpcEngines(work, Map.of(), notice -> {}));
  }

  private static void delete(Path work) throws IOException {
    try (var paths = Files.walk(work)) {
      paths.sorted(Comparator.reverseOrder()).forEach(TrainingRun::deleteOne);
    }
  }

  private static void deleteOne(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Dumb implements Terminal, Screen {
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

  private static final class Never implements Cancellation {
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
