package dev.jbuild.daemon.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.jbuild.daemon.gateway.FailureNotes;
import dev.jbuild.error.Detail;
import dev.jbuild.oci.Bytes;
import java.util.List;

/**
 * What debuggers of clients start containers from. Source: reference wire-control, section 9: the
 * JSON mapping of protobuf.
 */
public final class FailedSolve implements FailureNotes {
  static final String TYPE = "github.com/moby/buildkit/errdefs.Solve+json";

  @Override
  public Detail of(Bytes op, List<String> inputs, List<String> mounts) {
    var json = JsonFormat.printer().omittingInsignificantWhitespace();
    try {
      String text =
          "{\"inputIDs\":"
              + json.print(list(inputs))
              + ",\"mountIDs\":"
              + json.print(list(mounts))
              + ",\"op\":"
              + json.print(pb.Op.parseFrom(op.toArray()))
              + "}";
      return new Detail.Relayed(TYPE, Bytes.utf8(text));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException("an op that was read before can not be read", e);
    }
  }

  private static ListValue list(List<String> texts) {
    var list = ListValue.newBuilder();
    texts.forEach(text -> list.addValues(Value.newBuilder().setStringValue(text)));
    return list.build();
  }
}
