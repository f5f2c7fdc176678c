package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.gateway.FileRoot;
import dev.jbuild.daemon.gateway.FileRoot.OfContainer;
import dev.jbuild.daemon.gateway.FileRoot.OfRef;
import dev.jbuild.daemon.gateway.Gateway;
import dev.jbuild.daemon.gateway.Gateways;
import dev.jbuild.error.BuildException;
import dev.jbuild.error.Code;
import dev.jbuild.llb.wire.DefinitionEncoder;
import dev.jbuild.oci.Digest;
import io.grpc.Metadata;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import moby.buildkit.v1.frontend.EvaluateRequest;
import moby.buildkit.v1.frontend.EvaluateResponse;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.InputsRequest;
import moby.buildkit.v1.frontend.InputsResponse;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.NewContainerRequest;
import moby.buildkit.v1.frontend.NewContainerResponse;
import moby.buildkit.v1.frontend.PingRequest;
import moby.buildkit.v1.frontend.PongResponse;
import moby.buildkit.v1.frontend.ReadDirRequest;
import moby.buildkit.v1.frontend.ReadDirResponse;
import moby.buildkit.v1.frontend.ReadFileRequest;
import moby.buildkit.v1.frontend.ReadFileResponse;
import moby.buildkit.v1.frontend.ReleaseContainerRequest;
import moby.buildkit.v1.frontend.ReleaseContainerResponse;
import moby.buildkit.v1.frontend.ResolveImageConfigRequest;
import moby.buildkit.v1.frontend.ResolveImageConfigResponse;
import moby.buildkit.v1.frontend.ResolveSourceMetaRequest;
import moby.buildkit.v1.frontend.ResolveSourceMetaResponse;
import moby.buildkit.v1.frontend.ReturnRequest;
import moby.buildkit.v1.frontend.ReturnResponse;
import moby.buildkit.v1.frontend.SolveRequest;
import moby.buildkit.v1.frontend.SolveResponse;
import moby.buildkit.v1.frontend.StatFileRequest;
import moby.buildkit.v1.frontend.StatFileResponse;
import moby.buildkit.v1.frontend.WarnRequest;
import moby.buildkit.v1.frontend.WarnResponse;

/**
 * The service {@code moby.buildkit.v1.frontend.LLBBridge}. Clients of builds say with each call
 * which build it is for; a frontend that the daemon runs is of one build. Calls block, each in its
 * own thread, which is interrupted when the client gives the call up. Source: reference
 * wire-gateway, sections 1 and 3.
 */
final class BridgeService extends LLBBridgeGrpc.LLBBridgeImplBase {
  static final Metadata.Key<String> BUILD_ID =
      Metadata.Key.of("buildkit-controlapi-buildid", Metadata.ASCII_STRING_MARSHALLER);

  private final Finding finding;
  private final WorkerInfo worker;
  private final BridgeMessages messages;
  private final Failures failures;
  private final ThreadFactory threads;

  /**
   * @param threads cheap ones: one for each call
   */
  BridgeService(
      Finding finding,
      WorkerInfo worker,
      BridgeMessages messages,
      Failures failures,
      ThreadFactory threads) {
    this.finding = finding;
    this.worker = worker;
    this.messages = messages;
    this.failures = failures;
    this.threads = threads;
  }

  /** Finds what a call belongs to; asked where the call begins. */
  interface Finding {
    Found of() throws BuildException;

    /** The build's side, which may be about to begin. */
    interface Found {
      Gateway await() throws InterruptedException;
    }

    /** The calls of clients. */
    static Finding byHeader(Gateways gateways) {
      return () -> {
        String build = buildId(RequestHeaders.current());
        return () -> gateways.find(build);
      };
    }
  }

  /** What a call asks of its build. */
  private interface Question<R> {
    R of(Gateway gateway) throws InterruptedException;
  }

  private <R> void answer(StreamObserver<R> observer, Question<R> question) {
    var call = (ServerCallStreamObserver<R>) observer;
    Finding.Found found = finding.of();
    Thread thread = threads.newThread(() -> answer(call, found, question));
    call.setOnCancelHandler(thread::interrupt);
    thread.start();
  }

  private <R> void answer(
      ServerCallStreamObserver<R> call, Finding.Found found, Question<R> question) {
    R reply;
    try {
      reply = question.of(found.await());
    } catch (InterruptedException | RuntimeException | Error failure) {
      if (!call.isCancelled()) {
        call.onError(failures.of(failure));
      }
      return;
    }
    call.onNext(reply);
    call.onCompleted();
  }

  private static String buildId(Metadata headers) {
    var ids = new ArrayList<String>();
    Iterable<String> values = headers.getAll(BUILD_ID);
    if (values != null) {
      values.forEach(ids::add);
    }
    if (ids.size() != 1 || ids.get(0).isEmpty()) {
      throw new BuildException(
          Code.INVALID,
          ids.isEmpty()
              ? "no buildid found in context"
              : "the header '" + BUILD_ID.name() + "' has the values " + ids + ", want one id");
    }
    return ids.get(0);
  }

  @Override
  public void ping(PingRequest request, StreamObserver<PongResponse> observer) {
    answer(
        observer,
        gateway ->
            PongResponse.newBuilder()
                .addAllFrontendAPICaps(FrontendCaps.bridge())
                .addAllLLBCaps(FrontendCaps.graphs())
                .addWorkers(new WorkerMessages(worker).record())
                .build());
  }

  @Override
  public void solve(SolveRequest request, StreamObserver<SolveResponse> observer) {
    answer(
        observer,
        gateway -> {
          List<String> imports = BridgeMessages.imports(request);
          var result =
              gateway.solve(
                  messages.question(request),
                  request.getEvaluate(),
                  imports,
                  BridgeMessages.policies(request.getSourcePoliciesList()));
          return BridgeMessages.response(result, request);
        });
  }

  @Override
  public void evaluate(EvaluateRequest request, StreamObserver<EvaluateResponse> observer) {
    answer(
        observer,
        gateway -> {
          gateway.evaluate(request.getRef());
          return EvaluateResponse.getDefaultInstance();
        });
  }

  @Override
  public void resolveImageConfig(
      ResolveImageConfigRequest request, StreamObserver<ResolveImageConfigResponse> observer) {
    answer(observer, gateway -> SourceLookups.image(gateway, request));
  }

  @Override
  public void resolveSourceMeta(
      ResolveSourceMetaRequest request, StreamObserver<ResolveSourceMetaResponse> observer) {
    answer(observer, gateway -> SourceLookups.source(gateway, request));
  }

  @Override
  public void readFile(ReadFileRequest request, StreamObserver<ReadFileResponse> observer) {
    answer(observer, gateway -> read(gateway, new OfRef(request.getRef()), request));
  }

  /** Calls for containers have the container's id where others have a ref. */
  @Override
  public void readFileContainer(
      ReadFileRequest request, StreamObserver<ReadFileResponse> observer) {
    var mount = new OfContainer(request.getRef(), request.getMountIndex());
    answer(observer, gateway -> read(gateway, mount, request));
  }

  private static ReadFileResponse read(Gateway gateway, FileRoot root, ReadFileRequest request)
      throws InterruptedException {
    var range = request.getRange();
    byte[] data =
        gateway
            .readFile(root, request.getFilePath(), range.getOffset(), range.getLength())
            .toArray();
    return ReadFileResponse.newBuilder().setData(ByteString.copyFrom(data)).build();
  }

  @Override
  public void readDir(ReadDirRequest request, StreamObserver<ReadDirResponse> observer) {
    answer(observer, gateway -> list(gateway, new OfRef(request.getRef()), request));
  }

  @Override
  public void readDirContainer(ReadDirRequest request, StreamObserver<ReadDirResponse> observer) {
    var mount = new OfContainer(request.getRef(), request.getMountIndex());
    answer(observer, gateway -> list(gateway, mount, request));
  }

  private static ReadDirResponse list(Gateway gateway, FileRoot root, ReadDirRequest request)
      throws InterruptedException {
    var reply = ReadDirResponse.newBuilder();
    gateway
        .readDirectory(root, request.getDirPath(), request.getIncludePattern())
        .forEach(entry -> reply.addEntries(StatMessages.of(entry)));
    return reply.build();
  }

  @Override
  public void statFile(StatFileRequest request, StreamObserver<StatFileResponse> observer) {
    answer(observer, gateway -> stat(gateway, new OfRef(request.getRef()), request));
  }

  @Override
  public void statFileContainer(
      StatFileRequest request, StreamObserver<StatFileResponse> observer) {
    var mount = new OfContainer(request.getRef(), request.getMountIndex());
    answer(observer, gateway -> stat(gateway, mount, request));
  }

  private static StatFileResponse stat(Gateway gateway, FileRoot root, StatFileRequest request)
      throws InterruptedException {
    return StatFileResponse.newBuilder()
        .setStat(StatMessages.of(gateway.stat(root, request.getPath())))
        .build();
  }

  @Override
  public void inputs(InputsRequest request, StreamObserver<InputsResponse> observer) {
    answer(
        observer,
        gateway -> {
          var reply = InputsResponse.newBuilder();
          gateway
              .inputs()
              .forEach(
                  (name, graph) -> reply.putDefinitions(name, DefinitionEncoder.toWire(graph)));
          return reply.build();
        });
  }

  @Override
  public void warn(WarnRequest request, StreamObserver<WarnResponse> observer) {
    answer(
        observer,
        gateway -> {
          gateway.warn(digest(request.getDigest()), BridgeMessages.warning(request));
          return WarnResponse.getDefaultInstance();
        });
  }

  @Override
  public void newContainer(
      NewContainerRequest request, StreamObserver<NewContainerResponse> observer) {
    answer(
        observer,
        gateway -> {
          gateway.newContainer(ContainerMessages.container(request));
          return NewContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public void releaseContainer(
      ReleaseContainerRequest request, StreamObserver<ReleaseContainerResponse> observer) {
    answer(
        observer,
        gateway -> {
          gateway.releaseContainer(request.getContainerID());
          return ReleaseContainerResponse.getDefaultInstance();
        });
  }

  @Override
  public StreamObserver<ExecMessage> execProcess(StreamObserver<ExecMessage> observer) {
    Finding.Found found = finding.of();
    return new ProcessStream(
        (ServerCallStreamObserver<ExecMessage>) observer, found::await, failures, threads);
  }

  private static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (IllegalArgumentException e) {
      throw new BuildException(Code.INVALID, "warn: malformed digest '" + text + "'", e);
    }
  }

  /** The build then makes and exports the result; how that ends is told by Control.Solve. */
  @Override
  public void return_(ReturnRequest request, StreamObserver<ReturnResponse> observer) {
    answer(
        observer,
        gateway -> {
          if (request.hasError()) {
            gateway.fail(failures.reported(request.getError()));
          } else {
            gateway.complete(BridgeMessages.returned(request.getResult()));
          }
          return ReturnResponse.getDefaultInstance();
        });
  }
}
