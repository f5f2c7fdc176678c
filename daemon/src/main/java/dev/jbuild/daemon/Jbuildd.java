package dev.jbuild.daemon;

import dev.jbuild.daemon.config.ConfigFile;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.config.DaemonFlags;
import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.daemon.config.Program;
import dev.jbuild.daemon.debug.DebugServer;
import dev.jbuild.daemon.debug.Metrics;
import dev.jbuild.daemon.transport.ClientLimits;
import dev.jbuild.daemon.transport.ServiceNotice;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.libc.ProcessExit;
import java.io.PrintStream;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The program {@code jbuildd}: serves builds until it is told to end. */
public final class Jbuildd {
  private static final int USAGE = 64;
  private static final int FAILED = 1;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Program program;
  private final Wiring.EngineMaker maker;
  private final PrintStream out;
  private volatile boolean serving;
  private volatile int code;

  /**
   * @param out tells the operator where the daemon listens
   */
  Jbuildd(Program program, Wiring.EngineMaker maker, PrintStream out) {
    this.program = program;
    this.maker = maker;
    this.out = out;
  }

  /** The launcher tells in a property by which name it was called. */
  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    Program program = Program.named(System.getProperty("jbuild.name"));
    var daemon = new Jbuildd(program, new EngineWiring(), System.out);
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::stopWell, "stop"));
    int code = daemon.runToEnd(DaemonFlags.withEnvironment(System.getenv(), args));
    if (code != 0) {
      Runtime.getRuntime().halt(code);
    }
  }

  /** Serves; gives the exit code when the daemon has ended. */
  int runToEnd(String... args) {
    try {
      code = FAILED;
      code = run(args);
      return code;
    } finally {
      stopped.countDown();
    }
  }

  private int run(String... args) {
    try {
      DaemonFlags flags = DaemonFlags.parse(program, args);
      switch (flags.action()) {
        case SHOW_HELP -> out.print(flags.help());
        case SHOW_VERSION -> out.println(Version.line(program));
        case SERVE -> serve(flags.config());
      }
      return 0;
    } catch (BuildException failure) {
      System.err.println("error: " + failure.message());
      return failure.code() == Code.INVALID ? USAGE : FAILED;
    } catch (InterruptedException e) {
      return FAILED;
    }
  }

  private void serve(ConfigFile.Parsed parsed) throws InterruptedException {
    serving = true;
    DaemonConfig config = parsed.config();
    OperatorLog.use(config.log());
    System.Logger log = System.getLogger(Jbuildd.class.getName());
    parsed.warnings().forEach(warning -> log.log(System.Logger.Level.WARNING, warning));
    String address = config.addresses().get(0).toString();
    StateLock lock = StateLock.forDaemon(config.root(), address);
    try (Services services = Wiring.open(config, maker);
        ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor()) {
      serve(config, services, handlers);
      handlers.shutdownNow();
    } finally {
      lock.close();
    }
  }

  /** Handlers work until the server has ended: without them clients are not answered. */
  private void serve(DaemonConfig config, Services services, ExecutorService handlers)
      throws InterruptedException {
    ClientLimits limits = ClientLimits.of(config.clients());
    try (GrpcServer server =
            new GrpcServer(
                services.api().served(), config.server(), limits, services.loops(), handlers);
        DebugServer debug = debug(config, services)) {
      // Last of all come the names that others wait for: whoever sees one finds all the rest.
      if (debug != null) {
        tell("tells its health and metrics at " + debug.start());
      }
      for (ListenAddress each : waitedForLast(config.addresses())) {
        tell("listens at " + server.listen(each));
      }
      services.collecting().run();
      var notice = ServiceNotice.of(System.getenv());
      notice.send("READY=1");
      stop.await();
      notice.send("STOPPING=1");
      services.builds().close();
    }
  }

  private static List<ListenAddress> waitedForLast(List<ListenAddress> addresses) {
    return addresses.stream()
        .sorted(Comparator.comparing(address -> address instanceof ListenAddress.Unix))
        .toList();
  }

  private static @Nullable DebugServer debug(DaemonConfig config, Services services) {
    ListenAddress address = config.server().debugAddress();
    return address == null
        ? null
        : new DebugServer(address, new Metrics(services.builds().counts(), Version.text()));
  }

  private void tell(String what) {
    out.println(program.word() + " " + Version.text() + " " + what);
    out.flush();
  }

  /**
   * An end that was asked for is no failure, whatever the signal's number. What only prints a text
   * ends as every program does.
   */
  private void stopWell() {
    stop();
    if (serving) {
      ProcessExit.now(code);
    }
  }

  /** Ends the daemon and waits until it has. */
  void stop() {
    stop.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
