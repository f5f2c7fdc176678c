package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import moby.buildkit.v1.frontend.NewContainerRequest;
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
  @TempDir private Path root;
  private RealWorker worker;

  @BeforeEach
  void start() throws Exception {
    worker = RealWorker.open(root, "real");
    String image = worker.solve(RealWorker.busybox());
    worker
        .bridge()
        .newContainer(
            NewContainerRequest.newBuilder()
                .setContainerID("c")
                .setHostname("inside")
                .setNetwork(pb.NetMode.NONE)
                .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(image))
                .addMounts(
                    pb.Mount.newBuilder().setDest("/scratch").setMountType(pb.MountType.TMPFS))
                .build());
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      worker.close();
    }
  }

  @Test
  void severalProcessesShareAContainerOfARef() throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    talk.begin("first", RealWorker.shell("echo up; read line; echo $line; exit 3"));
    assertEquals("up\n", talk.spoken());
    var other = new ExecConversation(worker.client().streams());
    other.begin("second", RealWorker.shell("echo x > /scratch/file; /busybox hostname"));
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
    new ExecConversation(worker.client().streams()).begin("p", RealWorker.shell("true")).close();
    String report = worker.networkReport("real");
    assertTrue(report.contains("\"name\":\"container 'c'\""), report);
    assertTrue(report.contains("\"mode\":\"none\""), report);
  }

  @Test
  void aTerminalIsReal() throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    var heard = talk.begin("p", RealWorker.shell("/busybox tty; echo $TERM").setTty(true)).close();
    assertTrue(heard.toString().contains("/dev/"), heard.toString());
    assertTrue(heard.toString().contains("xterm\r\n"), heard.toString());
    assertTrue(heard.contains("p: exit 0 ''"), heard.toString());
  }

  @Test
  void theEndOfTheBuildEndsItsContainers() throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    talk.begin("p", RealWorker.shell("echo up; exec /busybox sleep 1000"));
    assertEquals("up\n", talk.spoken());
    worker.end();
    assertEquals(io.grpc.Status.Code.CANCELLED, talk.failure().getStatus().getCode());
    worker.begin("another");
  }
}
