package dev.jbuild.session;

import java.util.List;
import java.util.Optional;

/** Gives the user's registry credentials. */
public interface Credentials {

  /**
   * The login for a registry, if the user has one.
   *
   * @param host registry host with port: {@code docker.io}, {@code localhost:5000}
   */
  Optional<Login> forHost(String host);

  /**
   * A bearer token that the user's own side fetched, so that no password leaves it. Empty when it
   * does not do so: then one is fetched with {@link #forHost}.
   */
  default Optional<Token> token(TokenRequest request) {
    return Optional.empty();
  }

  /**
   * What a registry wants a token for.
   *
   * @param host as for {@link #forHost}
   * @param realm URL of the token server
   * @param service that the registry calls itself, or empty
   * @param scopes such as {@code repository:library/alpine:pull}
   */
  record TokenRequest(String host, String realm, String service, List<String> scopes) {
    public TokenRequest {
      scopes = List.copyOf(scopes);
    }
  }

  /**
   * A token that was fetched.
   *
   * @param value never logged
   * @param seconds that it is good for; 0 is not known
   */
  record Token(String value, long seconds) {
    @Override
    public String toString() {
      return "Token[value=***, seconds=" + seconds + "]";
    }
  }

  /**
   * A user's right to a registry.
   *
   * @param user empty when {@code secret} is an identity token
   * @param secret password or token; never logged
   */
  record Login(String user, String secret) {
    @Override
    public String toString() {
      return "Login[user=" + user + ", secret=***]";
    }
  }
}
