package dev.jbuild.dockerfile;

import dev.jbuild.frontend.FrontendBridge;
import dev.jbuild.frontend.FrontendRequest;
import dev.jbuild.frontend.FrontendResult;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Runs the frontend as the daemon does. */
public final class Frontends {
  private Frontends() {}

  public static FrontendResult solve(FrontendRequest request, FrontendBridge bridge)
      throws InterruptedException {
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      return new DockerfileFrontend(executor).solve(request, bridge);
    }
  }

  /** Builds this text with these options. */
  public static FrontendResult solve(
      String dockerfile, Map<String, String> attrs, FakeBridge bridge) throws InterruptedException {
    bridge.file("dockerfile", "Dockerfile", dockerfile);
    return solve(new FrontendRequest(attrs, Map.of()), bridge);
  }
}
