package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import containerd.services.content.v1.ContentGrpc;
import containerd.services.content.v1.ReadContentRequest;
import containerd.services.content.v1.ReadContentResponse;
import containerd.services.content.v1.WriteAction;
import containerd.services.content.v1.WriteContentRequest;
import containerd.services.content.v1.WriteContentResponse;
import dev.jbuild.oci.Digest;
import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.GetSecretResponse;
import moby.buildkit.secrets.v1.SecretsGrpc;
import moby.filesync.v1.AuthGrpc;
import moby.filesync.v1.CredentialsRequest;
import moby.filesync.v1.CredentialsResponse;
import moby.filesync.v1.FetchTokenRequest;
import moby.filesync.v1.FetchTokenResponse;
import moby.filesync.v1.GetTokenAuthorityRequest;
import moby.filesync.v1.GetTokenAuthorityResponse;
import moby.sshforward.v1.CheckAgentRequest;
import moby.sshforward.v1.CheckAgentResponse;
import moby.sshforward.v1.SSHGrpc;
import moby.upload.v1.UploadGrpc;

/** Services of a client that answers all questions, as short as they may be. */
final class GoodClient {
  /** A blob that it has, and takes. */
  static final byte[] BYTES = new byte[50_000];

  static final Digest BLOB = Digest.of(BYTES);

  private static final int PIECES = 5;

  private GoodClient() {}

  static BindableService[] services() {
    return new BindableService[] {
      new Keeper(), new Logins(), new Agent(), new Uploads(), new Blobs()
    };
  }

  private static <M extends MessageLite> void answer(StreamObserver<M> observer, M message) {
    observer.onNext(message);
    observer.onCompleted();
  }

  private static ByteString piece(int number) {
    int size = BYTES.length / PIECES;
    return ByteString.copyFrom(BYTES, number * size, size);
  }

  private static final class Keeper extends SecretsGrpc.SecretsImplBase {
    @Override
    public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
      ByteString data = ByteString.copyFromUtf8("of " + request.getID());
      answer(observer, GetSecretResponse.newBuilder().setData(data).build());
    }
  }

  private static final class Logins extends AuthGrpc.AuthImplBase {
    @Override
    public void credentials(
        CredentialsRequest request, StreamObserver<CredentialsResponse> observer) {
      answer(observer, CredentialsResponse.newBuilder().setUsername("u").setSecret("p").build());
    }

    @Override
    public void getTokenAuthority(
        GetTokenAuthorityRequest request, StreamObserver<GetTokenAuthorityResponse> observer) {
      ByteString key = ByteString.copyFrom(new byte[32]);
      answer(observer, GetTokenAuthorityResponse.newBuilder().setPublicKey(key).build());
    }

    @Override
    public void fetchToken(FetchTokenRequest request, StreamObserver<FetchTokenResponse> observer) {
      answer(observer, FetchTokenResponse.newBuilder().setToken("t").setExpiresIn(90).build());
    }
  }

  /** Says what it hears. */
  private static final class Agent extends SSHGrpc.SSHImplBase {
    @Override
    public void checkAgent(CheckAgentRequest request, StreamObserver<CheckAgentResponse> observer) {
      answer(observer, CheckAgentResponse.getDefaultInstance());
    }

    @Override
    public StreamObserver<moby.sshforward.v1.BytesMessage> forwardAgent(
        StreamObserver<moby.sshforward.v1.BytesMessage> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(moby.sshforward.v1.BytesMessage message) {
          observer.onNext(message);
        }

        @Override
        public void onError(Throwable cause) {
          // It hangs up.
        }

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }

  private static final class Uploads extends UploadGrpc.UploadImplBase {
    @Override
    public StreamObserver<moby.upload.v1.BytesMessage> pull(
        StreamObserver<moby.upload.v1.BytesMessage> observer) {
      for (int i = 0; i < PIECES; i++) {
        observer.onNext(moby.upload.v1.BytesMessage.newBuilder().setData(piece(i)).build());
        observer.onNext(moby.upload.v1.BytesMessage.getDefaultInstance());
      }
      observer.onCompleted();
      return new StreamObserver<>() {
        @Override
        public void onNext(moby.upload.v1.BytesMessage message) {}

        @Override
        public void onError(Throwable cause) {}

        @Override
        public void onCompleted() {}
      };
    }
  }

  private static final class Blobs extends ContentGrpc.ContentImplBase {
    @Override
    public void read(ReadContentRequest request, StreamObserver<ReadContentResponse> observer) {
      long at = 0;
      for (int i = 0; i < PIECES; i++) {
        observer.onNext(ReadContentResponse.newBuilder().setOffset(at).setData(piece(i)).build());
        at += piece(i).size();
      }
      observer.onCompleted();
    }

    @Override
    public StreamObserver<WriteContentRequest> write(
        StreamObserver<WriteContentResponse> observer) {
      return new StreamObserver<>() {
        @Override
        public void onNext(WriteContentRequest message) {
          var answer = WriteContentResponse.newBuilder().setAction(message.getAction());
          answer.setOffset(message.getOffset() + message.getData().size());
          boolean last = message.getAction() == WriteAction.COMMIT;
          if (last) {
            answer.setDigest(message.getExpected());
          }
          observer.onNext(answer.build());
          if (last) {
            observer.onCompleted();
          }
        }

        @Override
        public void onError(Throwable cause) {
          // It gives up.
        }

        @Override
        public void onCompleted() {
          observer.onCompleted();
        }
      };
    }
  }
}
