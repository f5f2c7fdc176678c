package dev.jbuild.cli.client;

import dev.jbuild.session.Credentials;
import io.grpc.stub.StreamObserver;
import moby.filesync.v1.AuthGrpc;
import moby.filesync.v1.CredentialsRequest;
import moby.filesync.v1.CredentialsResponse;

/** Tells a daemon the user's logins. Source: reference wire-session, section 4. */
final class AuthService extends AuthGrpc.AuthImplBase {
  private final Credentials credentials;

  AuthService(Credentials credentials) {
    this.credentials = credentials;
  }

  /** Nobody's login is an empty one. */
  @Override
  public void credentials(
      CredentialsRequest request, StreamObserver<CredentialsResponse> observer) {
    var answer = CredentialsResponse.newBuilder();
    credentials
        .forHost(request.getHost())
        .ifPresent(login -> answer.setUsername(login.user()).setSecret(login.secret()));
    observer.onNext(answer.build());
    observer.onCompleted();
  }
}
