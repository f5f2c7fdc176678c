package dev.jbuild.daemon;

import dev.jbuild.daemon.config.ConfigFile;
import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.config.DaemonFlags;
import dev.jbuild.daemon.config.ListenAddress;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import java.io.PrintStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The program {@code jbuildd}: serves builds until it is told to end. */
public final class Jbuildd {
  private static final int USAGE = 64;
  private static final int FAILED = 1;

  private final CountDownLatch stop = new CountDownLatch(1);
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Wiring.EngineMaker maker;
  private final PrintStream out;

  /**
   * @param out tells the operator where the daemon listens
   */
  Jbuildd(Wiring.EngineMaker maker, PrintStream out) {
    this.maker = maker;
    this.out = out;
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) {
    var daemon = new Jbuildd(new EngineWiring(), System.out);
    Runtime.getRuntime().addShutdownHook(new Thread(daemon::stop, "stop"));
    int code = daemon.runToEnd(DaemonFlags.withEnvironment(System.getenv(), args));
    if (code != 0) {
      Runtime.getRuntime().halt(code);
    }
  }

  /** Serves; gives the exit code when the daemon has ended. */
  int runToEnd(String... args) {
    try {
      return run(args);
    } finally {
      stopped.countDown();
    }
  }

  private int run(String... args) {
    try {
      DaemonFlags flags = DaemonFlags.parse(args);
      switch (flags.action()) {
        case SHOW_HELP -> out.print(flags.help());
        case SHOW_VERSION -> out.println("jbuildd " + Version.text());
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
    DaemonConfig config = parsed.config();
    System.Logger log = System.getLogger(Jbuildd.class.getName());
    parsed.warnings().forEach(warning -> log.log(System.Logger.Level.WARNING, warning));
    String address = config.addresses().get(0).toString();
    StateLock lock = StateLock.forDaemon(config.root(), address);
    try (Services services = Wiring.open(config, maker);
        ExecutorService handlers = Executors.newVirtualThreadPerTaskExecutor();
        GrpcServer server = new GrpcServer(services.api().definitions(), handlers)) {
      for (ListenAddress each : config.addresses()) {
        out.println("jbuildd " + Version.text() + " listens at " + server.listen(each));
      }
      out.flush();
      stop.await();
      services.builds().close();
      handlers.shutdownNow();
    } finally {
      lock.close();
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
