package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.engine.Engines;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.oci.Bytes;
import io.grpc.ManagedChannel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A daemon, over Netty on the JDK's channels. */
final class RemoteEngine implements Engine {
  private final String address;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;
  private volatile String lastRef = "";

  private RemoteEngine(String address, EventLoopGroup loop, ManagedChannel channel) {
    this.address = address;
    this.loop = loop;
    this.channel = channel;
  }

  /** Prepares a connection, which is made at the first call. */
  static RemoteEngine at(Engines.Daemon daemon) {
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    return new RemoteEngine(daemon.address(), loop, DaemonChannel.to(daemon, loop));
  }

  @Override
  public Map<String, String> build(
      BuildPlan plan, OutputStream stdout, Consumer<List<BuildEvent>> events)
      throws InterruptedException {
    if (!plan.secrets().isEmpty() || !plan.agents().isEmpty()) {
      throw new BuildException(
          Code.UNIMPLEMENTED,
          (plan.secrets().isEmpty() ? "--ssh" : "--secret")
              + " needs the session tunnel, which is not offered yet; build without --addr");
    }
    String ref = Ids.next();
    lastRef = ref;
    return new BuildCall(channel, address, events).run(SolveMessage.alone(plan, ref));
  }

  @Override
  public Bytes networkReport() {
    return new ReportCall(channel, address).network(lastRef);
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
    var ending = loop.shutdownGracefully(0, 0, TimeUnit.MILLISECONDS);
    if (ending.isDone() && !ending.isSuccess()) {
      System.getLogger(RemoteEngine.class.getName())
          .log(System.Logger.Level.DEBUG, "the connection did not end well");
    }
  }
}
