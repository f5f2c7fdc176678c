package dev.jbuild.cli.client;

import com.google.protobuf.ByteString;
import dev.jbuild.error.BuildException;
import dev.jbuild.oci.Bytes;
import dev.jbuild.session.Secrets;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import moby.buildkit.secrets.v1.GetSecretRequest;
import moby.buildkit.secrets.v1.GetSecretResponse;
import moby.buildkit.secrets.v1.SecretsGrpc;

/** Gives a daemon the build's secrets. Source: reference wire-session, section 3. */
final class SecretsService extends SecretsGrpc.SecretsImplBase {
  private final Secrets secrets;

  SecretsService(Secrets secrets) {
    this.secrets = secrets;
  }

  @Override
  public void getSecret(GetSecretRequest request, StreamObserver<GetSecretResponse> observer) {
    Optional<Bytes> secret;
    try {
      secret = secrets.secret(request.getID());
    } catch (BuildException e) {
      observer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.message()).asRuntimeException());
      return;
    }
    if (secret.isEmpty()) {
      observer.onError(
          Status.NOT_FOUND
              .withDescription("secret " + request.getID() + ": not found")
              .asRuntimeException());
      return;
    }
    observer.onNext(
        GetSecretResponse.newBuilder()
            .setData(ByteString.copyFrom(secret.get().toArray()))
            .build());
    observer.onCompleted();
  }
}
