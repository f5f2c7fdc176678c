package dev.jbuild.daemon.config;

import java.util.List;

/**
 * {@code [frontend."dockerfile.v0"]} and {@code [frontend."gateway.v0"]}.
 *
 * @param dockerfile whether the built-in Dockerfile frontend may be used
 * @param gateway whether images may be used as frontends
 * @param allowedRepositories of such images, {@code docker.io/docker/dockerfile}; empty for any
 */
public record FrontendSettings(
    boolean dockerfile, boolean gateway, List<String> allowedRepositories) {
  public static final FrontendSettings DEFAULT = new FrontendSettings(true, true, List.of());

  public FrontendSettings {
    allowedRepositories = List.copyOf(allowedRepositories);
  }
}
