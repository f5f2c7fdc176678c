package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.jbuild.llb.ExecMeta;
import dev.jbuild.llb.LlbOp;
import dev.jbuild.llb.MountSpec;
import dev.jbuild.llb.NetMode;
import dev.jbuild.llb.OpMetadata;
import dev.jbuild.llb.OpNode;
import dev.jbuild.llb.SecurityMode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.ReadFileRequest;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What clients are given to look into a step that failed. Needs root, busybox and a runtime. */
@Tag("root")
@Timeout(120)
@NullUnmarked // JUnit sets the fields
class FailedStepTest {
  @TempDir private Path root;
  private RealWorker worker;

  @BeforeEach
  void start() throws Exception {
    worker = RealWorker.open(root, "failing");
  }

  @AfterEach
  void stop() throws Exception {
    if (worker != null) {
      worker.close();
    }
  }

  /** A step with a root, an empty mount, and a third one that has no output. */
  private static OpNode.Output step(String script) throws IOException {
    var op =
        new LlbOp.ExecOp(
            new ExecMeta(
                List.of("/busybox", "sh", "-c", script),
                List.of(),
                "/",
                "",
                ExecMeta.ProxyEnv.NONE,
                List.of(),
                "",
                List.of(),
                "",
                false,
                List.of()),
            List.of(
                MountSpec.bind(0, "/", 0, false),
                MountSpec.bind(-1, "/empty", 1, false),
                MountSpec.bind(0, "/same", -1, true)),
            NetMode.NONE,
            SecurityMode.SANDBOX,
            List.of(),
            List.of());
    return new OpNode(op, List.of(RealWorker.busybox()), null, OpMetadata.named("step"), List.of())
        .output(0);
  }

  /** The detail of a failure. */
  private Struct failed(String script) throws Exception {
    String ref = worker.solve(step(script));
    var evaluate = EvaluateRequest.newBuilder().setRef(ref).build();
    var e = assertThrows(StatusRuntimeException.class, () -> worker.bridge().evaluate(evaluate));
    for (Any detail : StatusProto.fromThrowable(e).getDetailsList()) {
      if (detail.getTypeUrl().equals("github.com/moby/buildkit/errdefs.Solve+json")) {
        var struct = Struct.newBuilder();
        JsonFormat.parser().merge(detail.getValue().toStringUtf8(), struct);
        return struct.build();
      }
    }
    throw new AssertionError("the failure has no such detail: " + e);
  }

  private static List<String> ids(Struct detail, String name) {
    return detail.getFieldsOrThrow(name).getListValue().getValuesList().stream()
        .map(Value::getStringValue)
        .toList();
  }

  private String read(String ref, String path) {
    var request = ReadFileRequest.newBuilder().setRef(ref).setFilePath(path).build();
    return worker.bridge().readFile(request).getData().toStringUtf8();
  }

  @Test
  void whatAFailedStepHasLeftCanBeRead() throws Exception {
    Struct detail = failed("echo half >/half; echo other >/empty/other; exit 3");
    List<String> left = ids(detail, "mountIDs");
    assertEquals(3, left.size());
    assertEquals("half\n", read(left.get(0), "/half"));
    assertEquals("other\n", read(left.get(1), "/other"));
    var e = assertThrows(StatusRuntimeException.class, () -> read(left.get(2), "/half"));
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
    assertEquals("half\n", read(left.get(0), "/half"), "the second time");
  }

  @Test
  void whatItBeganWithCanBeRead() throws Exception {
    List<String> inputs = ids(failed("echo half >/half; exit 3"), "inputIDs");
    assertEquals(3, inputs.size());
    assertEquals("", inputs.get(1));
    assertTrue(read(inputs.get(0), "/busybox").length() > 1000);
    var e = assertThrows(StatusRuntimeException.class, () -> read(inputs.get(0), "/half"));
    assertEquals("open /half: no such file or directory", e.getStatus().getDescription());
  }

  @Test
  void itsOpIsTold() throws Exception {
    Struct op = failed("exit 5").getFieldsOrThrow("op").getStructValue();
    Struct exec = op.getFieldsOrThrow("exec").getStructValue();
    assertEquals("NONE", exec.getFieldsOrThrow("network").getStringValue());
    assertEquals(3, exec.getFieldsOrThrow("mounts").getListValue().getValuesCount());
  }
}
