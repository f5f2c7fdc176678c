package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import fsutil.types.Stat;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import moby.buildkit.v1.frontend.FileRange;
import moby.buildkit.v1.frontend.NewContainerRequest;
import moby.buildkit.v1.frontend.ReadDirRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReleaseContainerRequest;
import moby.buildkit.v1.frontend.StatFileRequest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of containers on the real worker. Needs root, busybox and an OCI runtime. */
@Tag("root")
@Timeout(120)
@NullUnmarked // JUnit sets the fields
class ContainerFilesTest {
  private static final int ATTACKS = 2_000;

  @TempDir private Path root;
  private RealWorker worker;
  private String image;

  @BeforeEach
  void start() throws Exception {
    worker = RealWorker.open(root, "real");
    image = worker.solve(RealWorker.busybox());
    worker
        .bridge()
        .newContainer(
            NewContainerRequest.newBuilder()
                .setContainerID("c")
                .setNetwork(pb.NetMode.NONE)
                .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(image))
                .addMounts(
                    pb.Mount.newBuilder().setDest("/memory").setMountType(pb.MountType.TMPFS))
                .addMounts(pb.Mount.newBuilder().setDest("/empty"))
                .addMounts(
                    pb.Mount.newBuilder().setDest("/same").setResultID(image).setReadonly(true))
                .addMounts(
                    pb.Mount.newBuilder()
                        .setDest("/small")
                        .setMountType(pb.MountType.TMPFS)
                        .setTmpfsOpt(pb.TmpfsOpt.newBuilder().setSize(64 << 10)))
                .addMounts(
                    pb.Mount.newBuilder()
                        .setDest("/password")
                        .setMountType(pb.MountType.SECRET)
                        .setSecretOpt(pb.SecretOpt.newBuilder().setID("p").setOptional(true)))
                .addMounts(
                    pb.Mount.newBuilder()
                        .setDest("/agent")
                        .setMountType(pb.MountType.SSH)
                        .setSSHOpt(pb.SSHOpt.newBuilder().setID("a").setOptional(true)))
                .build());
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      worker.close();
    }
  }

  /** Runs a script in the container, to its end. */
  private void run(String script) throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    var heard = talk.begin("p", RealWorker.shell(script)).close();
    assertTrue(heard.contains("p: exit 0 ''"), heard.toString());
  }

  private String read(int mount, String path) {
    var request = ReadFileRequest.newBuilder().setRef("c").setFilePath(path).setMountIndex(mount);
    return worker.bridge().readFileContainer(request.build()).getData().toStringUtf8();
  }

  private List<String> names(int mount, String path) {
    var request = ReadDirRequest.newBuilder().setRef("c").setDirPath(path).setMountIndex(mount);
    return worker.bridge().readDirContainer(request.build()).getEntriesList().stream()
        .map(Stat::getPath)
        .toList();
  }

  private Stat stat(String path) {
    var request = StatFileRequest.newBuilder().setRef("c").setPath(path).build();
    return worker.bridge().statFileContainer(request).getStat();
  }

  private void refused(Status.Code code, String text, Runnable call) {
    var e = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(text, e.getStatus().getDescription());
    assertEquals(code, e.getStatus().getCode());
  }

  @Test
  void filesAreReadBeforeAnythingRuns() {
    assertEquals(List.of("busybox"), names(0, "/"));
    assertEquals(List.of(), names(2, "/"));
    assertEquals(List.of("busybox"), names(3, "."));
    Stat busybox = stat("/busybox");
    assertEquals("busybox", busybox.getPath());
    assertEquals(0755, busybox.getMode());
    assertEquals(RealWorker.BUSYBOX.toFile().length(), busybox.getSize());
  }

  @Test
  void whatAProcessWritesIsReadWhileItRunsAndAfterItsEnd() throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    talk.begin(
        "p", RealWorker.shell("echo one >/file; echo two >/empty/file; echo up; read x; rm /file"));
    assertEquals("up\n", talk.spoken());
    assertEquals("one\n", read(0, "/file"));
    assertEquals("two\n", read(2, "file"));
    talk.type("p", "on\n").close();
    refused(Status.Code.NOT_FOUND, "open /file: no such file or directory", () -> read(0, "/file"));
    assertEquals("two\n", read(2, "/file"));
    assertEquals(List.of("busybox"), names(0, "/"));
  }

  @Test
  void oneContainersFilesAreNotThoseOfAnother() throws Exception {
    run("echo one >/file");
    worker
        .bridge()
        .newContainer(
            NewContainerRequest.newBuilder()
                .setContainerID("d")
                .addMounts(pb.Mount.newBuilder().setDest("/").setResultID(image))
                .build());
    var list = ReadDirRequest.newBuilder().setRef("d").setDirPath("/").build();
    assertEquals(1, worker.bridge().readDirContainer(list).getEntriesCount());
    assertEquals(List.of("busybox"), names(3, "/"));
  }

  @Test
  void aReleaseDropsTheFiles() throws Exception {
    run("echo one >/file");
    assertFalse(worker.held().isEmpty());
    worker
        .bridge()
        .releaseContainer(ReleaseContainerRequest.newBuilder().setContainerID("c").build());
    assertEquals(List.of(), worker.held());
  }

  @Test
  void partsOfFilesAreRead() throws Exception {
    run("echo 0123456789 >/file");
    var range = FileRange.newBuilder().setOffset(3).setLength(4);
    var request = ReadFileRequest.newBuilder().setRef("c").setFilePath("/file").setRange(range);
    assertEquals(
        "3456", worker.bridge().readFileContainer(request.build()).getData().toStringUtf8());
    range.setOffset(100);
    request.setRange(range);
    assertEquals("", worker.bridge().readFileContainer(request.build()).getData().toStringUtf8());
  }

  @Test
  void whatIsNoFileIsRefusedAtOnce() throws Exception {
    run("/busybox mkfifo /pipe; /busybox mkdir /sub; /busybox ln -s loop /loop");
    refused(Status.Code.INVALID_ARGUMENT, "'/pipe' is not a regular file", () -> read(0, "/pipe"));
    refused(Status.Code.INVALID_ARGUMENT, "'/sub' is not a regular file", () -> read(0, "/sub"));
    refused(
        Status.Code.INVALID_ARGUMENT, "open /busybox: not a directory", () -> names(0, "/busybox"));
    refused(Status.Code.INVALID_ARGUMENT, "/loop: too many symbolic links", () -> read(0, "/loop"));
    refused(Status.Code.INVALID_ARGUMENT, "/loop: too many symbolic links", () -> stat("/loop"));
    refused(
        Status.Code.NOT_FOUND,
        "stat /busybox/x: no such file or directory",
        () -> stat("/busybox/x"));
    assertEquals(0x2000000 | 0644, stat("/pipe").getMode());
  }

  @Test
  void memoryIsReadBeforeWhileAndAfterAProcessRuns() throws Exception {
    assertEquals(List.of(), names(1, "/"));
    var talk = new ExecConversation(worker.client().streams());
    talk.begin(
        "p",
        RealWorker.shell(
            "/busybox mkdir /memory/d; echo one >/memory/d/file; echo two >/small/f; echo up; read x;"
                + " echo three >/memory/d/file"));
    assertEquals("up\n", talk.spoken());
    assertEquals("one\n", read(1, "/d/file"));
    assertEquals(List.of("d"), names(1, "/"));
    assertEquals("two\n", read(4, "f"));
    assertEquals(List.of("f"), names(4, "."));
    refused(Status.Code.NOT_FOUND, "open /f: no such file or directory", () -> read(1, "/f"));
    talk.type("p", "on\n").close();
    assertEquals("three\n", read(1, "/d/file"));
  }

  @Test
  void memoryHasTheOptionsThatAStepsHas() throws Exception {
    var talk = new ExecConversation(worker.client().streams());
    talk.begin(
        "p",
        RealWorker.shell("/busybox mkdir /proc; /busybox grep -E '/(memory|small) ' /proc/mounts"));
    String mounts = String.join("\n", talk.close());
    assertTrue(mounts.contains("tmpfs /memory tmpfs rw,nosuid,nodev,relatime"), mounts);
    assertTrue(mounts.contains("tmpfs /small tmpfs rw,nosuid,nodev,relatime,size=64k"), mounts);
  }

  @Test
  void filesThatAreMountedAreNoDirectories() {
    refused(
        Status.Code.INVALID_ARGUMENT,
        "container 'c': its mount 5, at '/password', is of type secret: one file, which is not a"
            + " directory",
        () -> read(5, "/"));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "container 'c': its mount 6, at '/agent', is of type ssh: one file, which is not a"
            + " directory",
        () -> names(6, "/"));
  }

  @Test
  void mountsThatAreNotThereAreRefused() {
    refused(
        Status.Code.INVALID_ARGUMENT,
        "container 'c' has no mount 7: it has 7, counted from 0",
        () -> read(7, "/x"));
    refused(
        Status.Code.INVALID_ARGUMENT,
        "container 'c' has no mount -1: it has 7, counted from 0",
        () -> read(-1, "/x"));
  }

  @Test
  void noLinkLeadsOutOfAMount() throws Exception {
    Path canary = Files.writeString(root.resolve("canary"), "of the host");
    String up = "../".repeat(20);
    run(
        ("/busybox ln -s CANARY /absolute; /busybox ln -s UP/CANARY /relative;"
                + " /busybox ln -s DIR /directory; /busybox ln -s /busybox /inside;"
                + " /busybox ln -s /proc/1/root /magic")
            .replace("UP", up)
            .replace("CANARY", canary.toString())
            .replace("DIR", root.toString()));
    for (String path :
        List.of("/absolute", "/relative", "/directory/canary", up + canary, "/magic" + canary)) {
      refused(
          Status.Code.NOT_FOUND,
          "open " + path + ": no such file or directory",
          () -> read(0, path));
    }
    refused(
        Status.Code.NOT_FOUND,
        "open /directory: no such file or directory",
        () -> names(0, "/directory"));
    assertEquals(stat("/busybox").getSize(), stat("/inside").getSize());
    assertEquals("inside", stat("/inside").getPath());
    // It may lead to something in another mount: clients follow it themselves.
    assertEquals(canary.toString(), stat("/absolute").getLinkname());
  }

  @Test
  void aProcessThatSwapsDirectoriesLeadsNobodyOut() throws Exception {
    swapping(0, "");
  }

  @Test
  void noLinkLeadsOutOfMemory() throws Exception {
    Path canary = Files.writeString(root.resolve("canary"), "of the host");
    run(
        "/busybox ln -s CANARY /memory/absolute; /busybox ln -s /proc/1/root /memory/magic"
            .replace("CANARY", canary.toString()));
    for (String path : List.of("/absolute", "../".repeat(20) + canary, "/magic" + canary)) {
      refused(
          Status.Code.NOT_FOUND,
          "open " + path + ": no such file or directory",
          () -> read(1, path));
    }
  }

  @Test
  void aProcessThatSwapsDirectoriesOfMemoryLeadsNobodyOut() throws Exception {
    swapping(1, "/memory");
  }

  /** A reader that looks first and opens then would be led out sooner or later. */
  private void swapping(int mount, String below) throws Exception {
    Files.writeString(root.resolve("canary"), "of the host");
    var talk = new ExecConversation(worker.client().streams());
    talk.begin(
        "p",
        RealWorker.shell(
            ("cd ./BELOW; /busybox mkdir a; echo of the container >a/canary; /busybox ln -s DIR b;"
                    + " echo up; while :; do /busybox mv -T a c; /busybox mv -T b a;"
                    + " /busybox mv -T a b; /busybox mv -T c a; done")
                .replace("BELOW", below)
                .replace("DIR", root.toString())));
    assertEquals("up\n", talk.spoken());
    int found = 0;
    for (int i = 0; i < ATTACKS; i++) {
      try {
        assertEquals("of the container\n", read(mount, "/a/canary"));
        found++;
        assertEquals(List.of("canary"), names(mount, "/a"));
      } catch (StatusRuntimeException gone) {
        assertEquals(Status.Code.NOT_FOUND, gone.getStatus().getCode(), gone.getMessage());
      }
    }
    assertTrue(found > 0, "it was never there");
  }
}
