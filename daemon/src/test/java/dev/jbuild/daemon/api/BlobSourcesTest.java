package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaResponse;
import moby.buildkit.v1.frontend.StatFileRequest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Single blobs of registries as sources of graphs, on the real worker. */
@Tag("root")
@Timeout(60)
@NullUnmarked // JUnit sets the fields
class BlobSourcesTest {
  private static final Bytes HELLO = Bytes.utf8("hello");

  @TempDir private Path root;
  private RealWorker worker;
  private HttpServer registry;

  @BeforeEach
  void start() throws Exception {
    worker = RealWorker.open(root, "blobs");
    registry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    registry.createContext(
        "/v2/team/app/blobs/" + HELLO.digest(),
        exchange -> {
          try (exchange) {
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.getResponseHeaders().set("Content-Length", "" + HELLO.size());
            exchange.sendResponseHeaders(200, head ? -1 : HELLO.size());
            if (!head) {
              exchange.getResponseBody().write(HELLO.toArray());
            }
          }
        });
    registry.start();
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      registry.stop(0);
      worker.close();
    }
  }

  private String identifier(String what) {
    return "docker-image+blob://127.0.0.1:" + registry.getAddress().getPort() + "/team/app" + what;
  }

  private String solved(String identifier) {
    var op =
        new LlbOp.SourceOp(
            identifier, Map.of("http.filename", "greeting", "http.perm", "0640", "http.uid", "7"));
    var graph = new OpNode(op, List.of(), null, OpMetadata.named("blob"), List.of()).output(0);
    return worker.solve(graph);
  }

  @Test
  void aBlobIsAFileOfAGraph() {
    String ref = solved(identifier("@" + HELLO.digest()));
    var read = ReadFileRequest.newBuilder().setRef(ref).setFilePath("/greeting").build();
    assertEquals("hello", worker.bridge().readFile(read).getData().toStringUtf8());
    var stat = StatFileRequest.newBuilder().setRef(ref).setPath("/greeting").build();
    assertEquals(0640, worker.bridge().statFile(stat).getStat().getMode());
    assertEquals(7, worker.bridge().statFile(stat).getStat().getUid());
  }

  private ResolveSourceMetaResponse resolved(String identifier) {
    var source = pb.SourceOp.newBuilder().setIdentifier(identifier);
    return worker
        .bridge()
        .resolveSourceMeta(ResolveSourceMetaRequest.newBuilder().setSource(source).build());
  }

  @Test
  void aBlobIsWhatItsIdentifierSays() {
    for (String identifier :
        List.of(identifier("@" + HELLO.digest()), "oci-layout+blob://layout@" + HELLO.digest())) {
      ResolveSourceMetaResponse response = resolved(identifier);
      assertEquals(identifier, response.getSource().getIdentifier());
      assertFalse(response.hasImage() || response.hasGit() || response.hasHTTP(), "" + response);
    }
    var e =
        assertThrows(StatusRuntimeException.class, () -> resolved("docker-image+blob://alpine"));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertEquals(
        "'docker-image+blob://alpine': a blob is named by its digest, want"
            + " 'docker-image+blob://REPOSITORY@sha256:...'",
        e.getStatus().getDescription());
  }

  @Test
  void clientsAreToldThatTheyMayAskForBlobs() {
    var caps = worker.bridge().ping(PingRequest.getDefaultInstance()).getLLBCapsList();
    assertTrue(
        caps.stream().anyMatch(cap -> cap.getID().equals("source.imageblob") && cap.getEnabled()));
  }
}
