package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.ListWorkersRequest;
import moby.buildkit.v1.types.GCPolicy;
import org.junit.jupiter.api.Test;

class StandardServicesTest {

  @Test
  void theServerAndItsServicesAreHealthy() throws Exception {
    try (var api = new ApiHarness()) {
      var health = HealthGrpc.newBlockingStub(api.channel);
      for (String service : List.of("", "moby.buildkit.v1.Control")) {
        var request = HealthCheckRequest.newBuilder().setService(service).build();
        assertEquals(HealthCheckResponse.ServingStatus.SERVING, health.check(request).getStatus());
      }
    }
  }

  @Test
  void reflectionNamesTheServices() throws Exception {
    try (var api = new ApiHarness()) {
      var answer = new CompletableFuture<ServerReflectionResponse>();
      var asking =
          ServerReflectionGrpc.newStub(api.channel).serverReflectionInfo(new First(answer));
      asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
      var names = new TreeSet<String>();
      for (ServiceResponse service :
          answer.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList()) {
        names.add(service.getName());
      }
      asking.onCompleted();
      assertEquals(true, names.contains("moby.buildkit.v1.Control"));
      assertEquals(true, names.contains("grpc.health.v1.Health"));
    }
  }

  private record First(CompletableFuture<ServerReflectionResponse> answer)
      implements StreamObserver<ServerReflectionResponse> {
    @Override
    public void onNext(ServerReflectionResponse value) {
      answer.complete(value);
    }

    @Override
    public void onError(Throwable failure) {
      answer.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {}
  }

  @Test
  void aServiceThatIsNotThereIsUnimplemented() throws Exception {
    try (var api = new ApiHarness()) {
      var marshaller = ProtoUtils.marshaller(ListWorkersRequest.getDefaultInstance());
      var method =
          MethodDescriptor.newBuilder(marshaller, marshaller)
              .setType(MethodDescriptor.MethodType.UNARY)
              .setFullMethodName("opentelemetry.proto.collector.trace.v1.TraceService/Export")
              .build();
      var refused =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      api.channel,
                      method,
                      CallOptions.DEFAULT,
                      ListWorkersRequest.getDefaultInstance()));
      assertEquals(Status.Code.UNIMPLEMENTED, refused.getStatus().getCode());
    }
  }

  @Test
  void theWorkerTellsItsPolicies() throws Exception {
    try (var api = new ApiHarness()) {
      var worker = api.control().listWorkers(ListWorkersRequest.getDefaultInstance()).getRecord(0);
      assertEquals(
          List.of(
              GCPolicy.newBuilder()
                  .setAll(true)
                  .setKeepDuration(1_000_000_000L)
                  .addFilters("type==regular")
                  .setReservedSpace(2)
                  .setMaxUsedSpace(3)
                  .setMinFreeSpace(4)
                  .build()),
          worker.getGCPolicyList());
    }
  }

  @Test
  void aFilterSelectsTheWorkerByIdAndLabels() throws Exception {
    try (var api = new ApiHarness()) {
      assertEquals(1, workers(api, "id==w,labels.label==x"));
      assertEquals(0, workers(api, "id==v"));
      assertEquals(0, workers(api, "labels.label!=x"));
    }
  }

  private static int workers(ApiHarness api, String filter) {
    return api.control()
        .listWorkers(ListWorkersRequest.newBuilder().addFilter(filter).build())
        .getRecordCount();
  }
}
