package dev.jbuild.daemon.session;

import com.google.protobuf.ByteString;
import dev.jbuild.daemon.session.sync.ClientFailures;
import dev.jbuild.session.Credentials;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import moby.filesync.v1.AuthGrpc;
import moby.filesync.v1.CredentialsRequest;
import moby.filesync.v1.CredentialsResponse;
import moby.filesync.v1.FetchTokenRequest;
import moby.filesync.v1.FetchTokenResponse;
import moby.filesync.v1.GetTokenAuthorityRequest;

/**
 * The client's logins over its session. A client that answers for its tokens fetches them itself,
 * and its passwords stay with it. What it gives is used for its own builds only, so that its key is
 * never needed to prove anything. Source: reference wire-session, section 4.
 */
final class RemoteCredentials implements Credentials {
  private static final long ANSWER_SECONDS = 60;
  private static final int SALT_BYTES = 32;
  private static final String CLIENT = "buildkit-client";

  private final SessionHeaders headers;
  private final Channel client;
  private final ByteString salt;

  RemoteCredentials(SessionHeaders headers, Channel client) {
    this.headers = headers;
    this.client = client;
    var random = new byte[SALT_BYTES];
    new SecureRandom().nextBytes(random);
    this.salt = ByteString.copyFrom(random);
  }

  private AuthGrpc.AuthBlockingStub calls() {
    return AuthGrpc.newBlockingStub(client).withDeadlineAfter(ANSWER_SECONDS, TimeUnit.SECONDS);
  }

  /** None is not an error: registries are read anonymously then. */
  @Override
  public Optional<Login> forHost(String host) {
    if (!headers.offers(AuthGrpc.getCredentialsMethod().getFullMethodName())) {
      return Optional.empty();
    }
    try {
      CredentialsResponse given =
          calls().credentials(CredentialsRequest.newBuilder().setHost(host).build());
      return given.getUsername().isEmpty() && given.getSecret().isEmpty()
          ? Optional.empty()
          : Optional.of(new Login(given.getUsername(), given.getSecret()));
    } catch (StatusRuntimeException e) {
      if (RemoteSession.absent(e)) {
        return Optional.empty();
      }
      throw ClientFailures.of("the client's credentials for '" + host + "'", e);
    }
  }

  @Override
  public Optional<Token> token(TokenRequest request) {
    if (!headers.offers(AuthGrpc.getFetchTokenMethod().getFullMethodName())
        || !answersFor(request.host())) {
      return Optional.empty();
    }
    try {
      FetchTokenResponse given =
          calls()
              .fetchToken(
                  FetchTokenRequest.newBuilder()
                      .setClientID(CLIENT)
                      .setHost(request.host())
                      .setRealm(request.realm())
                      .setService(request.service())
                      .addAllScopes(request.scopes())
                      .build());
      return Optional.of(new Token(given.getToken(), given.getExpiresIn()));
    } catch (StatusRuntimeException e) {
      throw ClientFailures.of("the client's token for '" + request.host() + "'", e);
    }
  }

  /** Whether the client fetches tokens of a host itself: it has a key for it then. */
  private boolean answersFor(String host) {
    if (!headers.offers(AuthGrpc.getGetTokenAuthorityMethod().getFullMethodName())) {
      return false;
    }
    try {
      var asked = GetTokenAuthorityRequest.newBuilder().setHost(host).setSalt(salt).build();
      return !calls().getTokenAuthority(asked).getPublicKey().isEmpty();
    } catch (StatusRuntimeException e) {
      if (RemoteSession.absent(e) || e.getStatus().getCode() == Status.Code.UNAVAILABLE) {
        return false; // a client that keeps no keys says so in one of these ways
      }
      throw ClientFailures.of("the client's token authority for '" + host + "'", e);
    }
  }
}
