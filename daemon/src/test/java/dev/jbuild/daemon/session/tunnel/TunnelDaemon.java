package dev.jbuild.daemon.session.tunnel;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ControlGrpc;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;

/** Takes tunnels in this process, and hands them to a test. */
final class TunnelDaemon implements AutoCloseable {
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  final TunnelLoops loops = new TunnelLoops(2);
  final ManagedChannel channel;
  private final BlockingQueue<CallingTunnel> arrived = new LinkedBlockingQueue<>();
  private final Server server;

  /**
   * @param inLoop opens tunnels in the thread of their connection, as gRPC does now and then
   */
  TunnelDaemon(boolean inLoop) throws IOException {
    String name = InProcessServerBuilder.generateName();
    ServerServiceDefinition control =
        SessionMethod.in(
            new ControlGrpc.ControlImplBase() {}.bindService(),
            (stream, loop) -> {
              EventLoop own = loops.next();
              CallingTunnel tunnel =
                  inLoop
                      ? own.submit(() -> CallingTunnel.open(stream, own, threads))
                          .syncUninterruptibly()
                          .getNow()
                      : CallingTunnel.open(stream, own, threads);
              arrived.add(tunnel);
              return tunnel.incoming();
            });
    server =
        InProcessServerBuilder.forName(name).executor(threads).addService(control).build().start();
    channel = InProcessChannelBuilder.forName(name).executor(threads).build();
  }

  /** Gives back what it gets. */
  private static final class Echo extends FileSendGrpc.FileSendImplBase {
    @Override
    public StreamObserver<BytesMessage> diffCopy(StreamObserver<BytesMessage> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          observer.onNext(message);
        }

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  /** A client that offers its health and an echo. */
  ServingTunnel serve() throws IOException {
    return serve(channel);
  }

  /** The same by another way to the daemon. */
  ServingTunnel serve(Channel way) throws IOException {
    List<ServerServiceDefinition> services =
        List.of(
            new HealthStatusManager().getHealthService().bindService(), new Echo().bindService());
    return ServingTunnel.open(services, stream -> SessionMethod.open(way, stream), loops, threads);
  }

  /** The daemon's end of the tunnel that came next. */
  CallingTunnel next() throws InterruptedException {
    CallingTunnel tunnel = arrived.poll(20, TimeUnit.SECONDS);
    assertTrue(tunnel != null, "the tunnel arrives");
    return tunnel;
  }

  static ServingStatus check(CallingTunnel tunnel) {
    return HealthGrpc.newBlockingStub(tunnel.channel())
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    server.shutdownNow();
    loops.close();
    threads.shutdownNow();
  }
}
