package dev.jbuild.llb.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.grpc.MethodDescriptor;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import moby.buildkit.v1.ControlGrpc;
import org.junit.jupiter.api.Test;

/** The names that clients call by. Source: wire-control facts, "RPCs". */
final class ContractTest {
  @Test
  void theServiceHasTheNamesAndKindsThatClientsCall() {
    var methods = new ArrayList<String>();
    for (MethodDescriptor<?, ?> method : ControlGrpc.getServiceDescriptor().getMethods()) {
      methods.add(method.getFullMethodName() + " " + method.getType());
    }

    assertEquals(
        List.of(
            "moby.buildkit.v1.Control/DiskUsage UNARY",
            "moby.buildkit.v1.Control/Prune SERVER_STREAMING",
            "moby.buildkit.v1.Control/Solve UNARY",
            "moby.buildkit.v1.Control/Status SERVER_STREAMING",
            "moby.buildkit.v1.Control/Session BIDI_STREAMING",
            "moby.buildkit.v1.Control/ListWorkers UNARY",
            "moby.buildkit.v1.Control/Info UNARY",
            "moby.buildkit.v1.Control/ListenBuildHistory SERVER_STREAMING",
            "moby.buildkit.v1.Control/UpdateBuildHistory UNARY"),
        methods);
  }

  @Test
  void aStringMapEntryIsWrittenWithItsEmptyValueAsGoDoes() {
    pb.SourceOp source = pb.SourceOp.newBuilder().putAttrs("k", "").build();

    assertEquals("12 05 0a 01 6b 12 00", hex(source.toByteArray()));
  }

  @Test
  void emptyConstraintsAreTwoBytes() {
    pb.Op op = pb.Op.newBuilder().setConstraints(pb.WorkerConstraints.getDefaultInstance()).build();

    assertEquals("5a 00", hex(OpCodec.canonicalBytes(op).toArray()));
  }

  @Test
  void theKindOfAnOpComesLastAsInGo() {
    pb.Op op =
        pb.Op.newBuilder()
            .addInputs(pb.Input.newBuilder().setIndex(7))
            .setSource(pb.SourceOp.newBuilder().setIdentifier("a"))
            .setPlatform(pb.Platform.newBuilder().setOS("b"))
            .setConstraints(pb.WorkerConstraints.getDefaultInstance())
            .build();

    assertEquals(
        "0a 02 10 07 52 03 12 01 62 5a 00 1a 03 0a 01 61",
        hex(OpCodec.canonicalBytes(op).toArray()));
  }

  private static String hex(byte[] bytes) {
    return HexFormat.ofDelimiter(" ").formatHex(bytes);
  }
}
