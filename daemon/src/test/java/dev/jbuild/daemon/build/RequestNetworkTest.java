package dev.jbuild.daemon.build;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestNetworkTest {
  /** Frontends from elsewhere refuse capabilities that they do not know. */
  @Test
  void frontendIsNotAskedForWhatTheDaemonDoes() {
    assertEquals(
        Map.of("frontend.caps", "moby.buildkit.frontend.subrequests", "egress", "deny=*"),
        RequestNetwork.forFrontend(
            Map.of(
                "frontend.caps",
                "moby.buildkit.frontend.subrequests,dev.jbuild.network",
                "egress",
                "deny=*")));
    assertEquals(
        Map.of("frontend.caps", ""),
        RequestNetwork.forFrontend(Map.of("frontend.caps", "dev.jbuild.network")));
    assertEquals(Map.of("a", "b"), RequestNetwork.forFrontend(Map.of("a", "b")));
  }
}
