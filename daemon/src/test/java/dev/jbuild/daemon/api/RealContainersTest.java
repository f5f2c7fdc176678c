package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
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
import moby.buildkit.v1.frontend.NewContainerRequest;
import moby.buildkit.v1.frontend.Ref;
import moby.buildkit.v1.frontend.SolveRequest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Containers of frontends on the real worker. Needs root, busybox and an OCI runtime. */
@Tag("root")
@Timeout(120)
@NullUnmarked // JUnit sets the fields
class RealContainersTest {
  private static final Path BUSYBOX = Path.of("/bin/busybox");

  @TempDir private Path root;
  private WorkerEngine worker;
  private ApiHarness api;
  private GatewayClient client;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(Files.isExecutable(BUSYBOX), "no " + BUSYBOX + ": install busybox-static");
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root to make sandboxes");
    worker = WorkerEngine.open(DaemonConfig.defaults().inProcess(root, new TreeSet<>()));
    api = new ApiHarness(worker.parts());
    client = GatewayClient.begin(api, "real");
    client
        .bridge()
        .newContainer(
            NewContainerRequest.newBuilder()
                .setContainerID("c")
                .setHostname("inside")
                .setNetwork(pb.NetMode.NONE)
                .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(image().getId()))
                .addMounts(
                    pb.Mount.newBuilder().setDest("/scratch").setMountType(pb.MountType.TMPFS))
                .build());
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      client.giveNothing();
      client.response();
      api.close();
      try (var left = Files.newDirectoryStream(root.resolve("run"), "step*")) {
        assertFalse(left.iterator().hasNext(), "something is left of a container");
      }
      worker.close();
    }
  }

  private Ref image() throws IOException {
    var file =
        new FileAction.MakeFile(
            "/busybox", 0755, Bytes.copyOf(Files.readAllBytes(BUSYBOX)), null, -1);
    var op = new LlbOp.FileOp(List.of(new FileAction(-1, -1, 0, file)));
    var image = new OpNode(op, List.of(), null, OpMetadata.named("busybox"), List.of()).output(0);
    SolveRequest question = GatewayClient.ask().setDefinition(ApiHarness.definition(image)).build();
    return client.bridge().solve(question).getResult().getRef();
  }

  private static moby.buildkit.v1.frontend.InitMessage.Builder shell(String script) {
    return ExecConversation.init("c", "/busybox", "sh", "-c", script);
  }

  @Test
  void severalProcessesShareAContainerOfARef() throws Exception {
    var talk = new ExecConversation(client.streams());
    talk.begin("first", shell("echo up; read line; echo $line; exit 3"));
    assertEquals("up\n", talk.spoken());
    var other = new ExecConversation(client.streams());
    other.begin("second", shell("echo x > /scratch/file; /busybox hostname"));
    assertEquals("inside\n", other.spoken());
    assertTrue(other.close().contains("second: exit 0 ''"));
    var heard = talk.type("first", "typed\n").close();
    assertEquals(
        List.of(
            "first: started",
            "first: 1 'up\n'",
            "first: 1 'typed\n'",
            "first: 1 ends",
            "first: 2 ends",
            "first: exit 3 'exit code: 3'",
            "first: done"),
        heard);
  }

  @Test
  void whatAContainerDidInItsNetworkIsReported() throws Exception {
    new ExecConversation(client.streams()).begin("p", shell("true")).close();
    String report = worker.parts().ops().networkReport("real").toUtf8();
    assertTrue(report.contains("\"name\":\"container 'c'\""), report);
    assertTrue(report.contains("\"mode\":\"none\""), report);
  }

  @Test
  void aTerminalIsReal() throws Exception {
    var talk = new ExecConversation(client.streams());
    var heard = talk.begin("p", shell("/busybox tty; echo $TERM").setTty(true)).close();
    assertTrue(heard.toString().contains("/dev/"), heard.toString());
    assertTrue(heard.toString().contains("xterm\r\n"), heard.toString());
    assertTrue(heard.contains("p: exit 0 ''"), heard.toString());
  }

  @Test
  void theEndOfTheBuildEndsItsContainers() throws Exception {
    var talk = new ExecConversation(client.streams());
    talk.begin("p", shell("echo up; exec /busybox sleep 1000"));
    assertEquals("up\n", talk.spoken());
    client.giveNothing();
    client.response();
    assertEquals(io.grpc.Status.Code.CANCELLED, talk.failure().getStatus().getCode());
    client = GatewayClient.begin(api, "another");
  }
}
