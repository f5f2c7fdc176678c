package dev.jbuild.daemon.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Map;
import moby.buildkit.v1.SolveRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rules of the network that come with a frontend which is asked within a build. */
@Timeout(60)
class NestedNetworkTest {
  private ApiHarness api;

  @BeforeEach
  void start() throws Exception {
    api = new ApiHarness();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private GatewayClient client(String... options) {
    var request = SolveRequest.newBuilder().setRef("a");
    for (int i = 0; i < options.length; i += 2) {
      request.putFrontendAttrs(options[i], options[i + 1]);
    }
    return GatewayClient.begin(api, request);
  }

  private static void ask(GatewayClient client, String option, String value) {
    client
        .bridge()
        .solve(
            GatewayClient.ask().setFrontend("dockerfile.v0").putFrontendOpt(option, value).build());
  }

  private static void refused(GatewayClient client, String option, String value, String text) {
    var e = assertThrows(StatusRuntimeException.class, () -> ask(client, option, value));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertEquals(text, e.getStatus().getDescription());
  }

  @Test
  void rulesThatTheBuildDoesNotHaveAreRefused() throws Exception {
    var client = client();
    refused(
        client,
        "egress",
        "deny=*",
        "solve: the option egress='deny=*' is not that of the build, which has none; give it with"
            + " the build's own request, it holds for all steps");
    for (String option : new String[] {"dns", "dns-search", "dns-option"}) {
      assertThrows(StatusRuntimeException.class, () -> ask(client, option, "192.0.2.1"));
    }
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void otherRulesThanTheBuildsAreRefused() throws Exception {
    var client = client("egress", "deny=*");
    refused(
        client,
        "egress",
        "allow=*",
        "solve: the option egress='allow=*' is not that of the build: 'deny=*'; give it with the"
            + " build's own request, it holds for all steps");
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }

  @Test
  void theBuildsOwnRulesComeAgainWithTheFrontend() throws Exception {
    var client = client("egress", "deny=*", "dns", "192.0.2.1");
    ask(client, "egress", "deny=*");
    ask(client, "dns", "192.0.2.1");
    ask(client, "dns", "");
    client.giveNothing();
    assertEquals(Map.of(), client.response());
  }
}
