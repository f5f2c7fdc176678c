package dev.jbuild.session;

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
