package dev.jbuild.daemon.api;

import com.google.protobuf.ByteString;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import moby.buildkit.v1.frontend.ExecMessage;
import moby.buildkit.v1.frontend.FdMessage;
import moby.buildkit.v1.frontend.InitMessage;
import moby.buildkit.v1.frontend.LLBBridgeGrpc;
import moby.buildkit.v1.frontend.SignalMessage;

/** A client's side of one stream of processes; what it hears is kept as short words. */
final class ExecConversation implements StreamObserver<ExecMessage> {
  private final CopyOnWriteArrayList<String> heard = new CopyOnWriteArrayList<>();
  private final CompletableFuture<List<String>> ended = new CompletableFuture<>();
  private final CompletableFuture<String> spoken = new CompletableFuture<>();
  private final StreamObserver<ExecMessage> requests;

  ExecConversation(LLBBridgeGrpc.LLBBridgeStub bridge) {
    requests = bridge.execProcess(this);
  }

  static InitMessage.Builder init(String container, String... args) {
    return InitMessage.newBuilder()
        .setContainerID(container)
        .setMeta(pb.Meta.newBuilder().addAllArgs(List.of(args)))
        .addAllFds(List.of(0, 1, 2));
  }

  ExecConversation begin(String id, InitMessage.Builder init) {
    requests.onNext(ExecMessage.newBuilder().setProcessID(id).setInit(init).build());
    return this;
  }

  ExecConversation type(String id, String text) {
    var file = FdMessage.newBuilder().setData(ByteString.copyFromUtf8(text));
    requests.onNext(ExecMessage.newBuilder().setProcessID(id).setFile(file).build());
    return this;
  }

  ExecConversation endInput(String id) {
    var file = FdMessage.newBuilder().setEOF(true);
    requests.onNext(ExecMessage.newBuilder().setProcessID(id).setFile(file).build());
    return this;
  }

  ExecConversation signal(String id, String name) {
    var signal = SignalMessage.newBuilder().setName(name);
    requests.onNext(ExecMessage.newBuilder().setProcessID(id).setSignal(signal).build());
    return this;
  }

  ExecConversation send(ExecMessage message) {
    requests.onNext(message);
    return this;
  }

  /** Says nothing more, and gives all that was heard up to the end. */
  List<String> close() throws Exception {
    requests.onCompleted();
    return ended.get(30, TimeUnit.SECONDS);
  }

  /** The first text that a process writes. */
  String spoken() throws Exception {
    return spoken.get(30, TimeUnit.SECONDS);
  }

  void hangUp() {
    requests.onError(new IllegalStateException("the client hangs up"));
  }

  StatusRuntimeException failure() throws Exception {
    try {
      throw new AssertionError("the stream ended with " + ended.get(30, TimeUnit.SECONDS));
    } catch (ExecutionException e) {
      return (StatusRuntimeException) Objects.requireNonNull(e.getCause());
    }
  }

  @Override
  public void onNext(ExecMessage message) {
    String word =
        switch (message.getInputCase()) {
          case STARTED -> "started";
          case FILE -> file(message.getFile());
          case EXIT ->
              "exit "
                  + message.getExit().getCode()
                  + " '"
                  + message.getExit().getError().getMessage()
                  + "'";
          case DONE -> "done";
          case INIT, RESIZE, SIGNAL, INPUT_NOT_SET -> "unexpected " + message;
        };
    heard.add(message.getProcessID() + ": " + word);
  }

  private String file(FdMessage file) {
    String text = file.getData().toStringUtf8();
    if (!text.isEmpty()) {
      spoken.complete(text);
    }
    return file.getFd() + (file.getEOF() ? " ends" : " '" + text + "'");
  }

  @Override
  public void onError(Throwable failure) {
    ended.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    ended.complete(List.copyOf(heard));
  }
}
