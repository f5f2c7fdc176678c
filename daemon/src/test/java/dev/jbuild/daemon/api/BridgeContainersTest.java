package dev.jbuild.daemon.api;

import static dev.jbuild.daemon.api.Refusals.check;
import static dev.jbuild.daemon.api.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.Status;
import java.util.List;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.NewContainerRequest;
import moby.buildkit.v1.frontend.ReadDirRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReleaseContainerRequest;
import moby.buildkit.v1.frontend.ResizeMessage;
import moby.buildkit.v1.frontend.StartedMessage;
import moby.buildkit.v1.frontend.StatFileRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BridgeContainersTest {
  private ApiHarness api;
  private GatewayClient client;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
    client = GatewayClient.begin(api, "a");
  }

  @AfterEach
  void stop() throws Exception {
    client.giveNothing();
    client.response();
    api.close();
  }

  private NewContainerRequest.Builder container(String id) {
    String ref = client.graph("x").getId();
    return NewContainerRequest.newBuilder()
        .setContainerID(id)
        .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(ref));
  }

  private ExecConversation conversation(String container) {
    client.bridge().newContainer(container(container).build());
    return new ExecConversation(client.streams());
  }

  @Test
  void aProcessIsToldOfInOrder() throws Exception {
    var heard = conversation("c").begin("p", ExecConversation.init("c", "say", "hello")).close();
    assertEquals(
        List.of(
            "p: started",
            "p: 1 'hello'",
            "p: 1 ends",
            "p: 2 ends",
            "p: exit 3 'exit code: 3'",
            "p: done"),
        heard);
  }

  @Test
  void inputComesInOrderAndEnds() throws Exception {
    var heard =
        conversation("c")
            .begin("p", ExecConversation.init("c", "take"))
            .type("p", "one ")
            .type("p", "two")
            .endInput("p")
            .close();
    assertEquals(
        List.of(
            "p: started", "p: 1 'one two'", "p: 1 ends", "p: 2 ends", "p: exit 0 ''", "p: done"),
        heard);
  }

  @Test
  void onlyWantedOutputsAreSent() throws Exception {
    var init = ExecConversation.init("c", "say", "hello").clearFds();
    assertEquals(
        List.of("p: started", "p: exit 3 'exit code: 3'", "p: done"),
        conversation("c").begin("p", init).close());
  }

  @Test
  void signalsAndSizesReachTheirProcess() throws Exception {
    var resize = ResizeMessage.newBuilder().setRows(20).setCols(90);
    var heard =
        conversation("c")
            .begin("p", ExecConversation.init("c", "wait"))
            .send(ExecMessage.newBuilder().setProcessID("p").setResize(resize).build())
            .signal("p", "TERM")
            .close();
    assertEquals(
        List.of(
            "p: started",
            "p: 1 '20x90'",
            "p: 1 ends",
            "p: 2 ends",
            "p: exit 143 'exit code: 143'",
            "p: done"),
        heard);
  }

  @Test
  void whatCanNotRunIsToldAsAnExit() throws Exception {
    assertEquals(
        List.of("p: started", "p: 1 ends", "p: 2 ends", "p: exit 255 'no such program'", "p: done"),
        conversation("c").begin("p", ExecConversation.init("c", "none")).close());
  }

  @Test
  void lateMessagesToAProcessThatEndedAreDropped() throws Exception {
    var talk = conversation("c").begin("p", ExecConversation.init("c", "say", "x"));
    talk.spoken();
    assertEquals(6, talk.signal("p", "KILL").type("p", "x").close().size());
  }

  @Test
  void unknownContainersProcessesAndSignalsEndTheStream() throws Exception {
    check(
        conversation("c").begin("p", ExecConversation.init("d", "say")).failure(),
        Status.Code.NOT_FOUND,
        "no such container 'd' in this build");
    check(
        new ExecConversation(client.streams()).type("q", "x").failure(),
        Status.Code.NOT_FOUND,
        "exec: no such process 'q'");
    check(
        new ExecConversation(client.streams()).type("", "x").failure(),
        Status.Code.INVALID_ARGUMENT,
        "exec: a message has no process id");
    check(
        new ExecConversation(client.streams()).signal("p", "BOO").failure(),
        Status.Code.INVALID_ARGUMENT,
        "signal: there is none named 'BOO'");
    var started =
        ExecMessage.newBuilder()
            .setProcessID("p")
            .setStarted(StartedMessage.getDefaultInstance())
            .build();
    check(
        new ExecConversation(client.streams()).send(started).failure(),
        Status.Code.INVALID_ARGUMENT,
        "exec: process 'p' got a message of kind STARTED");
  }

  @Test
  void containersAreNamedOnce() {
    client.bridge().newContainer(container("c").build());
    refused(
        () -> client.bridge().newContainer(container("c").build()),
        Status.Code.ALREADY_EXISTS,
        "container 'c' already exists");
    refused(
        () -> client.bridge().newContainer(container("").build()),
        Status.Code.INVALID_ARGUMENT,
        "new container: its id is empty");
    refused(
        () -> client.bridge().newContainer(container("d").clearMounts().build()),
        Status.Code.INVALID_ARGUMENT,
        "container 'd': exec has 0 mounts '/', want 1");
  }

  @Test
  void filesOfAContainersMountsAreRead() {
    client.bridge().newContainer(container("c").build());
    var read = ReadFileRequest.newBuilder().setRef("c").setFilePath("/one").setMountIndex(2);
    assertEquals(
        "mount 2 of /one",
        client.bridge().readFileContainer(read.build()).getData().toStringUtf8());
    var list = ReadDirRequest.newBuilder().setRef("c").setDirPath("/").setIncludePattern("t*");
    var entries = client.bridge().readDirContainer(list.build()).getEntriesList();
    assertEquals(List.of("two"), entries.stream().map(fsutil.types.Stat::getPath).toList());
    var stat = StatFileRequest.newBuilder().setRef("c").setPath("/one");
    assertEquals(0640, client.bridge().statFileContainer(stat.build()).getStat().getMode());
  }

  @Test
  void containersThatAreNotThereHaveNoFiles() {
    String text = "no such container 'c' in this build";
    var read = ReadFileRequest.newBuilder().setRef("c").setFilePath("/one").build();
    var list = ReadDirRequest.newBuilder().setRef("c").setDirPath("/").build();
    var stat = StatFileRequest.newBuilder().setRef("c").setPath("/one").build();
    refused(() -> client.bridge().readFileContainer(read), Status.Code.NOT_FOUND, text);
    refused(() -> client.bridge().readDirContainer(list), Status.Code.NOT_FOUND, text);
    refused(() -> client.bridge().statFileContainer(stat), Status.Code.NOT_FOUND, text);
    client.bridge().newContainer(container("c").build());
    client.bridge().statFileContainer(stat);
    var release = ReleaseContainerRequest.newBuilder().setContainerID("c").build();
    client.bridge().releaseContainer(release);
    refused(() -> client.bridge().statFileContainer(stat), Status.Code.NOT_FOUND, text);
  }

  @Test
  void aReleasedContainerEndsItsProcesses() throws Exception {
    var talk = conversation("c").begin("p", ExecConversation.init("c", "wait"));
    var resize = ResizeMessage.newBuilder().setRows(1).setCols(2);
    talk.send(ExecMessage.newBuilder().setProcessID("p").setResize(resize).build());
    assertEquals("1x2", talk.spoken());
    var release = ReleaseContainerRequest.newBuilder().setContainerID("c").build();
    client.bridge().releaseContainer(release);
    assertEquals("p: exit 255 'container 'c' was released'", talk.close().get(4));
    refused(
        () -> client.bridge().releaseContainer(release),
        Status.Code.NOT_FOUND,
        "no such container 'c' in this build");
  }

  @Test
  void theHostsNetworkNeedsBothGrants() {
    refused(
        () -> client.bridge().newContainer(container("c").setNetwork(pb.NetMode.HOST).build()),
        Status.Code.PERMISSION_DENIED,
        "container 'c' needs the entitlement network.host, which the request does not grant: build"
            + " with '--allow network.host' or, for the whole build, '--network=host'");
  }
}
