package dev.jbuild.cli.client;

import com.google.protobuf.Timestamp;
import dev.jbuild.cli.engine.Engine;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.DiskUsageRequest;
import moby.buildkit.v1.PruneRequest;
import moby.buildkit.v1.UsageRecord;

/**
 * Asks what the cache holds, and has it pruned.
 *
 * @param place the daemon's address, for failures to reach it
 */
record StorageCall(Channel channel, String place) {

  private ControlGrpc.ControlBlockingStub control() {
    return ControlGrpc.newBlockingStub(channel).withMaxInboundMessageSize(BuildCall.MESSAGE_BYTES);
  }

  List<Engine.Kept> usage(List<String> filters) {
    try {
      var request = DiskUsageRequest.newBuilder().addAllFilter(filters).build();
      return control().diskUsage(request).getRecordList().stream().map(StorageCall::kept).toList();
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, place);
    }
  }

  List<Engine.Kept> prune(Engine.Pruning what) {
    var request =
        PruneRequest.newBuilder()
            .addAllFilter(what.filters())
            .setAll(what.all())
            .setKeepDuration(what.unusedFor().toNanos())
            .setMaxUsedSpace(what.keepBytes())
            .build();
    try {
      var gone = new ArrayList<Engine.Kept>();
      control().prune(request).forEachRemaining(record -> gone.add(kept(record)));
      return gone;
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, place);
    }
  }

  private static Engine.Kept kept(UsageRecord record) {
    return new Engine.Kept(
        record.getID(),
        record.getRecordType(),
        record.getDescription(),
        record.getSize(),
        record.getInUse(),
        record.getShared(),
        instant(record.getCreatedAt()),
        record.hasLastUsedAt() ? instant(record.getLastUsedAt()) : null);
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
