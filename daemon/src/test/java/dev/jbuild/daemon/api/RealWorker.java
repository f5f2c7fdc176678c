package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.daemon.engine.WorkerEngine;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.oci.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import moby.buildkit.v1.frontend.InitMessage;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.SolveRequest;

/**
 * The real worker behind the services, and a client that is the frontend of its build there.
 * Closing ends the build, and looks that no step has left anything.
 */
final class RealWorker {
  static final Path BUSYBOX = Path.of("/bin/busybox");

  private final Path root;
  private final WorkerEngine engine;
  private final ApiHarness api;
  private GatewayClient client;

  private RealWorker(Path root, WorkerEngine engine, ApiHarness api, GatewayClient client) {
    this.root = root;
    this.engine = engine;
    this.api = api;
    this.client = client;
  }

  /** Opens one, or skips the test where steps can not run. */
  static RealWorker open(Path root, String build) throws Exception {
    assumeTrue(Files.isExecutable(BUSYBOX), "no " + BUSYBOX + ": install busybox-static");
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to make sandboxes");
    var engine = WorkerEngine.open(DaemonConfig.defaults().inProcess(root, new TreeSet<>()));
    var api = new ApiHarness(engine.parts());
    return new RealWorker(root, engine, api, GatewayClient.begin(api, build));
  }

  GatewayClient client() {
    return client;
  }

  LLBBridgeGrpc.LLBBridgeBlockingStub bridge() {
    return client.bridge();
  }

  /** Ends the build. */
  void end() throws Exception {
    client.giveNothing();
    client.response();
  }

  /** Begins another build after the end of the one before. */
  void begin(String build) {
    client = GatewayClient.begin(api, build);
  }

  /** What a build did in its networks, as JSON. */
  String networkReport(String build) {
    return engine.parts().ops().networkReport(build).toUtf8();
  }

  /** A tree with {@code /busybox}. */
  static OpNode.Output busybox() throws IOException {
    var file =
        new FileAction.MakeFile(
            "/busybox", 0755, Bytes.copyOf(Files.readAllBytes(BUSYBOX)), null, -1);
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, -1, 0, file)));
    return new OpNode(op, List.of(), null, OpMetadata.named("busybox"), List.of()).output(0);
  }

  /** Solves a graph and gives its ref. */
  String solve(OpNode.Output graph) {
    SolveRequest question = GatewayClient.ask().setDefinition(ApiHarness.definition(graph)).build();
    return bridge().solve(question).getResult().getRef().getId();
  }

  /** A script for the container {@code c}. */
  static InitMessage.Builder shell(String script) {
    return ExecConversation.init("c", "/busybox", "sh", "-c", script);
  }

  /** What steps and containers hold in the state directory. */
  List<String> held() throws IOException {
    if (!Files.isDirectory(root.resolve("run"))) {
      return List.of();
    }
    try (var left = Files.list(root.resolve("run"))) {
      return left.map(path -> path.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .toList();
    }
  }

  void close() throws Exception {
    end();
    api.close();
    assertEquals(List.of(), held(), "something is left of a step or a container");
    engine.close();
  }
}
