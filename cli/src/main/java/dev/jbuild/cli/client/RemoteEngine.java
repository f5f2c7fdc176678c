package dev.jbuild.cli.client;

import dev.jbuild.cli.build.BuildPlan;
import dev.jbuild.cli.engine.Engine;
import dev.jbuild.cli.progress.BuildEvent;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.linux.Kernel;
import dev.jbuild.linux.libc.LibcKernel;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.direct.DirectoryFileSync;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A daemon, over Netty on the JDK's channels. */
final class RemoteEngine implements Engine {
  private static final String UNIX = "unix://";
  private static final int METADATA_BYTES = 4 << 20;

  private final String address;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;
  private final Path directory;
  private final Map<String, String> env;
  private volatile String lastRef = "";

  private RemoteEngine(
      String address,
      EventLoopGroup loop,
      ManagedChannel channel,
      Path directory,
      Map<String, String> env) {
    this.address = address;
    this.loop = loop;
    this.channel = channel;
    this.directory = directory;
    this.env = Map.copyOf(env);
  }

  /**
   * Prepares a connection, which is made at the first call.
   *
   * @param directory that outputs are relative to
   */
  static RemoteEngine at(String address, Path directory, Map<String, String> env) {
    boolean unix = address.startsWith(UNIX);
    var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    var builder =
        NettyChannelBuilder.forAddress(socketAddress(address))
            .overrideAuthority("localhost")
            .usePlaintext()
            .channelType(unix ? NioDomainSocketChannel.class : NioSocketChannel.class)
            .eventLoopGroup(loop)
            .directExecutor()
            .maxInboundMetadataSize(METADATA_BYTES);
    if (unix) {
      // gRPC sets it always, Netty then warns: null takes it away again.
      builder.withOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return new RemoteEngine(address, loop, builder.build(), directory, env);
  }

  private static SocketAddress socketAddress(String address) {
    if (address.startsWith(UNIX)) {
      return UnixDomainSocketAddress.of(Path.of(address.substring(UNIX.length())));
    }
    String rest = address.substring("tcp://".length());
    int colon = rest.lastIndexOf(':');
    try {
      String host = rest.substring(0, Math.max(0, colon)).replace("[", "").replace("]", "");
      return new InetSocketAddress(host, Integer.parseInt(rest.substring(colon + 1)));
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "address '" + address + "': want tcp://HOST:PORT", e);
    }
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
    var files = new DirectoryFileSync(plan.directories(), kernel);
    var session = ClientSession.of(id, plan, files, outputs, env);
    return new SessionServer(channel, session, sharedKey(plan), plan.outputs(), kernel);
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
      outputs.commit();
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
  public List<StoredImage> images() {
    throw new BuildException(
        Code.UNIMPLEMENTED,
        "jbuild images reads the state directory of this machine; over --addr it is not offered"
            + " yet");
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
