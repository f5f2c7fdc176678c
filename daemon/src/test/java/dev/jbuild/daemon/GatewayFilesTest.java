package dev.jbuild.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.jbuild.daemon.config.DaemonConfig;
import dev.jbuild.llb.FileAction;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Bytes;
import fsutil.types.Stat;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.frontend.FileRange;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.ReadDirRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReturnRequest;
import moby.buildkit.v1.frontend.SolveRequest;
import moby.buildkit.v1.frontend.StatFileRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a client reads of results, over the real worker. */
@Timeout(60)
class GatewayFilesTest {
  private static final int GO_DIRECTORY = 1 << 31;
  private static final int GO_LINK = 1 << 27;
  private static final long TIME = 1_700_000_000_000_000_000L;

  @TempDir Path root;

  /** Asks for the files of one graph. */
  private interface Questions {
    void ask(LLBBridgeGrpc.LLBBridgeBlockingStub bridge, String ref);
  }

  private void asking(Questions questions) throws Exception {
    var config = DaemonConfig.defaults().inProcess(root, new TreeSet<>());
    try (var daemon = EmbeddedDaemon.start(config, new EngineWiring(), notice -> {})) {
      var build =
          ControlGrpc.newFutureStub(daemon.channel())
              .solve(moby.buildkit.v1.SolveRequest.newBuilder().setRef("b").build());
      var headers = new Metadata();
      headers.put(
          Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER), "b");
      var bridge =
          LLBBridgeGrpc.newBlockingStub(daemon.channel())
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
      var question =
          SolveRequest.newBuilder()
              .setDefinition(DefinitionEncoder.toWire(DefinitionEncoder.encode(files())))
              .setAllowResultReturn(true)
              .setAllowResultArrayRef(true);
      questions.ask(bridge, bridge.solve(question.build()).getResult().getRef().getId());
      bridge.return_(ReturnRequest.getDefaultInstance());
      build.get(30, TimeUnit.SECONDS);
    }
  }

  /** {@code /dir/file}, {@code /link -> dir}, {@code /out -> ../../../dir/file}. */
  private static OpNode.Output files() {
    var changes =
        List.of(
            new FileAction.MakeDirectory("/dir", 0750, false, null, TIME),
            new FileAction.MakeFile("/dir/file", 0640, Bytes.utf8("0123456789"), null, TIME),
            new FileAction.Symlink("dir", "/link", null, TIME),
            new FileAction.Symlink("../../../dir/file", "/out", null, TIME));
    var actions = new ArrayList<FileAction>();
    for (int i = 0; i < changes.size(); i++) {
      actions.add(new FileAction(i - 1, -1, i == changes.size() - 1 ? 0 : -1, changes.get(i)));
    }
    var op = new LlbOp.FileOp(actions);
    return new OpNode(op, List.of(), null, OpMetadata.NONE, List.of()).output(0);
  }

  private static void refused(Executable call, Status.Code code, String text) {
    var e = assertThrows(StatusRuntimeException.class, call);
    assertEquals(text, e.getStatus().getDescription());
    assertEquals(code, e.getStatus().getCode());
  }

  private static ReadFileRequest file(String ref, String path, long offset, long length) {
    return ReadFileRequest.newBuilder()
        .setRef(ref)
        .setFilePath(path)
        .setRange(FileRange.newBuilder().setOffset(offset).setLength(length))
        .build();
  }

  @Test
  void filesAreReadThroughLinksThatStayInside() throws Exception {
    asking(
        (bridge, ref) -> {
          assertEquals(
              "0123456789", bridge.readFile(file(ref, "/dir/file", 0, 0)).getData().toStringUtf8());
          assertEquals(
              "345", bridge.readFile(file(ref, "link/file", 3, 3)).getData().toStringUtf8());
          assertEquals("9", bridge.readFile(file(ref, "/out", 9, 99)).getData().toStringUtf8());
          assertEquals("", bridge.readFile(file(ref, "/out", 99, 1)).getData().toStringUtf8());
          refused(
              () -> bridge.readFile(file(ref, "/../../etc/hostname", 0, 0)),
              Status.Code.NOT_FOUND,
              "open /../../etc/hostname: no such file or directory");
          refused(
              () -> bridge.readFile(file(ref, "/dir", 0, 0)),
              Status.Code.INVALID_ARGUMENT,
              "'/dir' is not a regular file");
        });
  }

  @Test
  void directoriesAreListedOneLevelDeep() throws Exception {
    asking(
        (bridge, ref) -> {
          var top = bridge.readDir(ReadDirRequest.newBuilder().setRef(ref).setDirPath("/").build());
          assertEquals(
              List.of("dir", "link", "out"),
              top.getEntriesList().stream().map(Stat::getPath).toList());
          assertEquals("dir", top.getEntries(1).getLinkname());
          assertEquals(GO_LINK, top.getEntries(1).getMode() & ~0777);
          var below =
              bridge.readDir(ReadDirRequest.newBuilder().setRef(ref).setDirPath("link").build());
          assertEquals(
              List.of("file"), below.getEntriesList().stream().map(Stat::getPath).toList());
          refused(
              () ->
                  bridge.readDir(
                      ReadDirRequest.newBuilder().setRef(ref).setDirPath("dir/file").build()),
              Status.Code.INVALID_ARGUMENT,
              "open dir/file: not a directory");
        });
  }

  @Test
  void whatIsKnownOfAFileIsThatOfTheGraph() throws Exception {
    asking(
        (bridge, ref) -> {
          Stat file = stat(bridge, ref, "/out");
          assertEquals("file", file.getPath());
          assertEquals(0640, file.getMode());
          assertEquals(10, file.getSize());
          assertEquals(TIME, file.getModTime());
          assertEquals(GO_DIRECTORY | 0750, stat(bridge, ref, "/link").getMode());
          refused(
              () -> stat(bridge, ref, "/none"),
              Status.Code.NOT_FOUND,
              "stat /none: no such file or directory");
        });
  }

  private static Stat stat(LLBBridgeGrpc.LLBBridgeBlockingStub bridge, String ref, String path) {
    return bridge
        .statFile(StatFileRequest.newBuilder().setRef(ref).setPath(path).build())
        .getStat();
  }
}
