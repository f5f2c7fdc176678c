package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.daemon.session.tunnel.TunnelLoops;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.direct.DirectoryFileSync;
import dev.jbuild.session.direct.DirectoryLayouts;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** A daemon, over Netty on the JDK's channels. */
final class RemoteEngine implements Engine {
  private final String address;
  private final TunnelLoops loops;
  private final ManagedChannel channel;
  private final Path directory;
  private final Map<String, String> env;
  private volatile String lastRef = "";

  private RemoteEngine(
      String address,
      TunnelLoops loops,
      ManagedChannel channel,
      Path directory,
      Map<String, String> env) {
    this.address = address;
    this.loops = loops;
    this.channel = channel;
    this.directory = directory;
    this.env = Map.copyOf(env);
  }

  /**
   * Prepares a connection, which is made at the first call.
   *
   * @param directory that outputs are relative to
   */
  static RemoteEngine at(Engines.Daemon daemon, Path directory, Map<String, String> env) {
    var loops = new TunnelLoops(1);
    return new RemoteEngine(
        daemon.address(), loops, DaemonChannel.to(daemon, loops.group()), directory, env);
  }

  /** To the daemon; open until this is closed. */
  Channel channel() {
    return channel;
  }

  @Override
  public Map<String, String> build(
      BuildPlan plan, OutputStream stdout, Consumer<List<BuildEvent>> events)
      throws InterruptedException {
    String id = Ids.next();
    String ref = Ids.next();
    lastRef = ref;
    try (var outputs = new PlanOutputs(plan.outputs(), directory, stdout)) {
      return build(plan, ref, session(plan, id, outputs), outputs, events);
    } catch (IOException e) {
      throw new BuildException(Code.FAILED, "the session with " + address + ": " + e, e);
    }
  }

  private SessionServer session(BuildPlan plan, String id, PlanOutputs outputs) throws IOException {
    Kernel kernel = new LibcKernel();
    var files = PassingFiles.of(plan, new DirectoryFileSync(plan.directories(), kernel));
    var session = ClientSession.of(id, plan, files, outputs, env);
    var offers =
        new SessionServer.Offers(
            plan.outputs(), new DirectoryLayouts(plan.layouts()), outputs::incoming);
    return new SessionServer(channel, loops, session, sharedKey(plan), offers, kernel);
  }

  private Map<String, String> build(
      BuildPlan plan,
      String ref,
      SessionServer session,
      PlanOutputs outputs,
      Consumer<List<BuildEvent>> events)
      throws InterruptedException {
    try (session) {
      Map<String, String> response =
          new BuildCall(channel, address, events).run(SolveMessage.of(plan, ref, session.id()));
      outputs.commit(response);
      return response;
    }
  }

  /** Tells this context from others, so that the daemon finds what it received of it before. */
  private static String sharedKey(BuildPlan plan) {
    Path context = plan.directories().get("context");
    return context == null ? "" : Bytes.utf8(context.toAbsolutePath().toString()).digest().hex();
  }

  @Override
  public Bytes networkReport() {
    return new ReportCall(channel, address).network(lastRef);
  }

  @Override
  public List<Kept> usage(List<String> filters) {
    return new StorageCall(channel, address).usage(filters);
  }

  @Override
  public List<Kept> prune(Pruning what) {
    return new StorageCall(channel, address).prune(what);
  }

  @Override
  public List<StoredImage> images() {
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "jbuild images reads the state directory of this machine; over --addr it is not offered"
            + " yet");
  }

  @Override
  public List<Worker> workers() {
    return new WorkersCall(channel, address).workers();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loops.close();
  }
}
