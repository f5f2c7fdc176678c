package dev.jbuild.daemon.session.sync;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import moby.filesync.v1.BytesMessage;
import moby.filesync.v1.FileSendGrpc;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client is told of a file before it comes. */
class OutputHeadersTest {

  /** Takes a file and keeps what was said of it. */
  private static final class Client extends FileSendGrpc.FileSendImplBase
      implements ServerInterceptor {
    final Map<String, String> said = new ConcurrentHashMap<>();
    final StringBuilder bytes = new StringBuilder();

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      for (String name : headers.keys()) {
        if (name.startsWith("exporter-md-") || name.startsWith("buildkit-")) {
          String value = headers.get(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
          said.put(name, String.valueOf(value));
        }
      }
      return next.startCall(call, headers);
    }

    @Override
    public StreamObserver<BytesMessage> diffCopy(StreamObserver<BytesMessage> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(BytesMessage message) {
          bytes.append(message.getData().toStringUtf8());
        }

        @Override
        public void onError(Throwable cause) {
          // The test sees it.
        }

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  @Test
  void responseKeysThatFitAHeaderComeBeforeTheFile(@TempDir Path work) throws Exception {
    var client = new Client();
    String name = InProcessServerBuilder.generateName();
    Server server =
        InProcessServerBuilder.forName(name).addService(client).intercept(client).build().start();
    ManagedChannel channel = InProcessChannelBuilder.forName(name).build();
    var staging =
        new RemoteOutputs.Staging(
            work,
            directories -> {
              throw new IllegalStateException("no directory is sent here");
            },
            Thread.ofVirtual().factory());
    var about = new TreeMap<String, String>();
    about.put("containerimage.digest", "sha256:0");
    about.put("image.name", "app:1,app:2");
    about.put("frontend.lines", "one\ntwo");
    about.put("frontend.other", "\u00e4");
    about.put("frontend.long", "x".repeat(5000));
    about.put("Frontend Odd", "x");
    about.put("frontend.odd-bin", "x");
    try (var out = new RemoteOutputs(channel, staging).openFile(4, about)) {
      out.write("content".getBytes(StandardCharsets.UTF_8));
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
    assertEquals("content", client.bytes.toString());
    assertEquals(
        Map.of(
            "buildkit-attachable-exporter-id",
            "4",
            "exporter-md-containerimage.digest",
            "sha256:0",
            "exporter-md-image.name",
            "app:1,app:2"),
        client.said);
  }
}
