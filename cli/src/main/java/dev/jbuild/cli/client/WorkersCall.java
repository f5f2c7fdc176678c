package dev.jbuild.cli.client;

import dev.jbuild.cli.engine.Engine;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ControlGrpc;
import moby.buildkit.v1.ListWorkersRequest;
import moby.buildkit.v1.types.WorkerRecord;
import pb.Platform;

/** Asks a daemon for its workers. */
record WorkersCall(Channel channel, String address) {
  private static final long LIMIT_SECONDS = 10;

  List<Engine.Worker> workers() {
    try {
      var answer =
          ControlGrpc.newBlockingStub(channel)
              .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
              .listWorkers(ListWorkersRequest.getDefaultInstance());
      var workers = new ArrayList<Engine.Worker>();
      for (WorkerRecord record : answer.getRecordList()) {
        var platforms = record.getPlatformsList().stream().map(WorkersCall::text).toList();
        workers.add(new Engine.Worker(record.getID(), platforms, record.getLabelsMap()));
      }
      return workers;
    } catch (StatusRuntimeException e) {
      throw FailureDecoder.of(e, address);
    }
  }

  private static String text(Platform platform) {
    String base = platform.getOS() + "/" + platform.getArchitecture();
    return platform.getVariant().isEmpty() ? base : base + "/" + platform.getVariant();
  }
}
